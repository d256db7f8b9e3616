/* SPDX-License-Identifier: MIT */
/* Answers with the listing of a folder. */
#ifndef EZHTTPD_HANDLER_SEND_LISTING_H
#define EZHTTPD_HANDLER_SEND_LISTING_H

#include "files/docroot.h"
#include "files/file_path.h"
#include "handler/exchange.h"

/*
 * Answers with what is in the open folder at `place`, which stays the caller's.
 * Returns as those of exchange.h that send.
 */
int listsend_answer(struct exchange *exchange, const struct site_file *folder,
    struct place *place);

#endif
