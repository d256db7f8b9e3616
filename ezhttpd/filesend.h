/* SPDX-License-Identifier: MIT */
/* Answers with a file. */
#ifndef EZHTTPD_FILESEND_H
#define EZHTTPD_FILESEND_H

#include "exchange.h"
#include "site.h"

/*
 * Answers with the open file at `path` beneath the root, which stays the
 * caller's: under the conditions of the request, in the form and the ranges
 * that it asks for.
 * Returns as those of exchange.h that send.
 */
int filesend_answer(struct exchange *exchange, const struct site_file *file,
    const char *path);

/*
 * Answers with the open file at `path` as the page of an error, all of it,
 * whatever the request asks for besides.
 * Returns as those of exchange.h that send.
 */
int filesend_page(struct exchange *exchange, const struct site_file *file,
    const char *path, int status);

#endif
