/* SPDX-License-Identifier: MIT */
/* The names in a folder: collected and sorted; pure. */
#ifndef EZHTTPD_LISTING_LISTING_H
#define EZHTTPD_LISTING_LISTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "listing/sort_order.h"

/* How many names a page shows at most, and how many bytes they have. */
#define LISTING_ENTRIES 16384
#define LISTING_NAME_BYTES (1024 * 1024)
/* Longest name in a folder, without its end. */
#define LISTING_NAME_MAX 255
/* Whatever form it is given: no row, and neither end, is longer. */
#define LISTING_PART_BYTES 12288

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
	/* The order to sort it in. */
	struct listing_order order;
	struct listing_entry entries[LISTING_ENTRIES];
	char names[LISTING_NAME_BYTES];
};

/*
 * Adds a name with its facts; the place of the name is filled in here.
 * Returns false, and notes the cut, when there is no room.
 */
bool listing_add(struct listing *listing, const char *name,
    const struct listing_entry *facts);

/*
 * Puts it into its order.  Folders come first.  Of names, file2 is before
 * file10, and upper and lower case are together.  What is otherwise alike is
 * in the order of names, and so are folders by size, since they have none.
 */
void listing_sort(struct listing *listing);

#endif
