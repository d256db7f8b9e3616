/* SPDX-License-Identifier: MIT */
/* Reads a folder into a listing. */
#ifndef EZHTTPD_FOLDER_H
#define EZHTTPD_FOLDER_H

#include "listing.h"
#include "site.h"
#include "urlpath.h"

/*
 * Adds to `listing` what may be served of the open folder at `path` beneath
 * `root_fd`: files and folders that are not hidden.
 * Returns 0, or the status to send.
 */
int folder_read(struct listing *listing, const struct site_file *folder,
    int root_fd, const struct urlpath *path);

#endif
