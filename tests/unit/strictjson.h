/* SPDX-License-Identifier: MIT */
/* A checker of JSON that lets nothing pass but what RFC 8259 allows. */
#ifndef TESTS_STRICTJSON_H
#define TESTS_STRICTJSON_H

#include <stdbool.h>
#include <stddef.h>

/*
 * True if the bytes are one value and nothing else, in printable ASCII and
 * line feeds, with every surrogate in a pair.
 */
bool strictjson_is_good(const char *bytes, size_t n);

#endif
