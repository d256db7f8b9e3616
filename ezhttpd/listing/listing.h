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
/* How many names are looked at; what is behind them is not counted either. */
#define LISTING_SEEN (8 * LISTING_ENTRIES)
/* Longest name in a folder, without its end. */
#define LISTING_NAME_MAX 255
/* Whatever form it is given: no row, and neither end, is longer. */
#define LISTING_PART_BYTES 20480

/*
 * Where names lie: those that are shown, and those that were to be shown until
 * others came that go before them, up to as many bytes again; then one that is
 * about to be added, and the first of those that are left out.
 */
#define LISTING_NAMES_SIZE (2 * LISTING_NAME_BYTES)
#define LISTING_NEW_NAME LISTING_NAMES_SIZE
#define LISTING_OUT_NAME (LISTING_NEW_NAME + LISTING_NAME_MAX + 1)
#define LISTING_ROOM (LISTING_OUT_NAME + LISTING_NAME_MAX + 1)

/* One name in a folder. */
struct listing_entry {
	int64_t size;
	int64_t modified_s;
	/* Where its name begins. */
	uint32_t name;
	bool is_folder;
};

/*
 * The names of a folder, or the first ones in its order.  Large, and to be kept
 * in memory that is not touched before it is needed.
 */
struct listing {
	/* The order to sort it in. */
	struct listing_order order;
	/* What there is in the folder, shown or not. */
	uint64_t files;
	uint64_t folders;
	uint64_t file_bytes;
	/* How many of these are not shown, since they would be the last. */
	uint64_t left_out;
	/* There are more than were looked at. */
	bool is_partial;

	/* The module's own: of the names, how much is used, and how much is of
	 * entries; the first one that is left out; and that the entries are a
	 * heap with the last one on top. */
	size_t used_bytes;
	size_t kept_bytes;
	struct listing_entry out;
	bool is_heap;

	size_t count;
	struct listing_entry entries[LISTING_ENTRIES];
	char names[LISTING_ROOM];
};

/* Begins an empty listing in that order. */
void listing_init(struct listing *listing, struct listing_order order);

/*
 * Adds a name, of at most LISTING_NAME_MAX bytes, with its facts; the place of
 * the name is filled in here.  Where there is no room the last one in the order
 * is left out, so what is shown does not depend on the order of adding.
 * Returns false, and notes it, when enough were looked at; and then no more is
 * to be added.
 */
bool listing_add(struct listing *listing, const char *name,
    const struct listing_entry *facts);

/* True if not all names of the folder are shown. */
bool listing_is_cut(const struct listing *listing);

/*
 * Puts it into its order.  Folders come first.  Of names, file2 is before
 * file10, and upper and lower case are together.  What is otherwise alike is
 * in the order of names, and so are folders by size, since they have none.
 */
void listing_sort(struct listing *listing);

#endif
