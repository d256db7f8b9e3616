/* SPDX-License-Identifier: MIT */
/* The page that shows a folder: collected, sorted, written row by row; pure. */
#ifndef EZHTTPD_LISTING_H
#define EZHTTPD_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "text.h"

/* How many names a page shows at most, and how many bytes they have. */
#define LISTING_ENTRIES 16384
#define LISTING_NAME_BYTES (1024 * 1024)
/* Longest name in a folder, without its end. */
#define LISTING_NAME_MAX 255
/* No row, and neither end of the page, is longer. */
#define LISTING_PART_BYTES 12288

/* What such a page may load: nothing but its own style. */
#define LISTING_POLICY "default-src 'none'; style-src 'unsafe-inline'"

/* One name in a folder. */
struct listing_entry {
	int64_t size;
	int64_t modified_s;
	/* Where its name begins. */
	uint32_t name;
	bool is_folder;
};

/*
 * The names of a folder.  Zero it to begin; large, and to be kept in memory
 * that is not touched before it is needed.
 */
struct listing {
	size_t count;
	size_t name_bytes;
	/* There were more than fit. */
	bool is_cut;
	struct listing_entry entries[LISTING_ENTRIES];
	char names[LISTING_NAME_BYTES];
};

/*
 * Adds a name with its facts; the place of the name is filled in here.
 * Returns false, and notes the cut, when there is no room.
 */
bool listing_add(struct listing *listing, const char *name,
    const struct listing_entry *facts);

/* Folders first; file2 before file10; upper and lower case together. */
void listing_sort(struct listing *listing);

/* Writes the beginning of the page for the folder `path`, "" being the root. */
void listing_put_head(struct text *text, const char *path);

/* Writes the row of one entry. */
void listing_put_row(struct text *text, const struct listing *listing,
    size_t index);

/* Writes the end of the page. */
void listing_put_foot(struct text *text, const struct listing *listing);

#endif
