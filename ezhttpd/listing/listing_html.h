/* SPDX-License-Identifier: MIT */
/* The page that shows a folder, written row by row; pure. */
#ifndef EZHTTPD_LISTING_LISTING_HTML_H
#define EZHTTPD_LISTING_LISTING_HTML_H

#include "common/textbuf.h"
#include "listing/listing.h"

/* What such a page may load: nothing but its own style. */
#define LISTPAGE_POLICY "default-src 'none'; style-src 'unsafe-inline'"

/*
 * Writes the beginning of the page for the folder `path`, "" being the root.
 * Where there is something to sort, the heads of the columns are links that
 * do.
 */
void listpage_put_head(struct text *text, const struct listing *listing,
    const char *path);

/* Writes the row of one entry. */
void listpage_put_row(struct text *text, const struct listing *listing,
    size_t index);

/* Writes the end of the page. */
void listpage_put_foot(struct text *text, const struct listing *listing);

#endif
