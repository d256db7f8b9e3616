/* SPDX-License-Identifier: MIT */
/* Strings of JSON (RFC 8259, 7), from any bytes; pure. */
#ifndef COMMON_JSON_H
#define COMMON_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "common/slice.h"
#include "common/textbuf.h"

/* As `most`: all of it. */
#define JSON_ALL SIZE_MAX
/* How many bytes one byte becomes, at the most. */
#define JSON_ROOM 6

/*
 * Adds a string, quotes and all, of printable ASCII alone: what is not is
 * written \uXXXX.  Bytes that are not UTF-8 become U+FFFD, one for each part
 * that could have begun a character.  Between the quotes are at most `most`
 * bytes; what is more is left out, by whole characters.
 */
void json_put_string(struct text *text, struct piece bytes, size_t most);

#endif
