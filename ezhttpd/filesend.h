/* SPDX-License-Identifier: MIT */
/* Answers with a file. */
#ifndef EZHTTPD_FILESEND_H
#define EZHTTPD_FILESEND_H

#include <stddef.h>

#include "exchange.h"
#include "site.h"

/*
 * Answers with the file, which stays the caller's; the name, of `n` bytes,
 * tells its type.
 * Returns as those of exchange.h that send.
 */
int filesend_answer(struct exchange *exchange, const struct site_file *file,
    const char *name, size_t n);

#endif
