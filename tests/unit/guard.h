/* SPDX-License-Identifier: MIT */
/* Bytes that end where memory ends: reading one too far is a crash. */
#ifndef TESTS_GUARD_H
#define TESTS_GUARD_H

#include <stddef.h>

/*
 * Returns a copy of `bytes` whose last byte is the last of a page, before one
 * that cannot be read.  It lives until the next call but seven.
 */
char *guard_copy(const char *bytes, size_t n);

#endif
