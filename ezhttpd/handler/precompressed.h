/* SPDX-License-Identifier: MIT */
/* Files that were compressed beforehand and lie beside the original. */
#ifndef EZHTTPD_HANDLER_PRECOMPRESSED_H
#define EZHTTPD_HANDLER_PRECOMPRESSED_H

#include "files/docroot.h"
#include "files/file_path.h"
#include "handler/exchange.h"
#include "http/coding.h"

/*
 * Opens the one of the compressed forms of the file at `place` that the client
 * likes best: a regular file, not older than the original.  The place is added
 * to, and put back.
 * Returns its coding, and the file, to be closed with site_close(); or
 * CODING_IDENTITY, and none.
 */
enum coding neighbour_open(struct site_file *ret_file,
    const struct exchange *exchange, struct place *place,
    const struct site_file *original);

#endif
