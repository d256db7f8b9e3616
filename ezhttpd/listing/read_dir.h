/* SPDX-License-Identifier: MIT */
/* Reads a folder into a listing. */
#ifndef EZHTTPD_LISTING_READ_DIR_H
#define EZHTTPD_LISTING_READ_DIR_H

#include "files/docroot.h"
#include "files/file_path.h"
#include "listing/listing.h"

/*
 * Adds to `listing` what may be served of the open folder at `place`: files
 * and folders that are not hidden.  To look at them the place is added to, and
 * put back.
 * Returns 0, or the status to send.
 */
int folder_read(struct listing *listing, const struct site_file *folder,
    struct place *place);

#endif
