/* SPDX-License-Identifier: MIT */
/* Answers with a file. */
#ifndef EZHTTPD_HANDLER_SEND_FILE_H
#define EZHTTPD_HANDLER_SEND_FILE_H

#include "files/docroot.h"
#include "files/file_path.h"
#include "handler/exchange.h"

/*
 * Answers with the open file at `place`, which stays the caller's: under the
 * conditions of the request, in the form and the ranges that it asks for.  To
 * look for other forms the place is added to, and put back.
 * Returns as those of exchange.h that send.
 */
int filesend_answer(struct exchange *exchange, const struct site_file *file,
    struct place *place);

/*
 * Answers with the open file at `place` as the page of an error, all of it,
 * whatever the request asks for besides.
 * Returns as those of exchange.h that send.
 */
int filesend_page(struct exchange *exchange, const struct site_file *file,
    const struct place *place, int status);

#endif
