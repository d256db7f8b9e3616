/* SPDX-License-Identifier: MIT */
/* A listing for programs: an array of JSON, written row by row; pure. */
#ifndef EZHTTPD_LISTING_LISTING_JSON_H
#define EZHTTPD_LISTING_LISTING_JSON_H

#include "common/textbuf.h"
#include "listing/listing.h"

/*
 * Each entry is an object, as those of nginx, and with a link: "name", "href"
 * (relative to the folder), "type" ("directory" or "file"), "mtime" (in the
 * form of Last-Modified; null where that has none) and, of a file, "size".
 */

/* Writes the beginning, the same for every folder. */
void listjson_put_head(struct text *text, const struct listing *listing,
    const char *path);

/* Writes the object of one entry. */
void listjson_put_row(struct text *text, const struct listing *listing,
    size_t index);

/* Writes the end. */
void listjson_put_foot(struct text *text, const struct listing *listing);

#endif
