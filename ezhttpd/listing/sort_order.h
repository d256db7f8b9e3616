/* SPDX-License-Identifier: MIT */
/* The order of a listing, as a query asks for it; pure. */
#ifndef EZHTTPD_LISTING_SORT_ORDER_H
#define EZHTTPD_LISTING_SORT_ORDER_H

#include <stdbool.h>

#include "common/slice.h"

/* By what a listing may be sorted. */
enum listing_key {
	LISTING_BY_NAME,
	LISTING_BY_SIZE,
	LISTING_BY_TIME,
	LISTING_KEYS,
};

/* The order of a listing; zero is the usual one. */
struct listing_order {
	enum listing_key key;
	bool is_descending;
};

/*
 * Reads the bytes behind the question mark, as Apache's mod_autoindex has
 * them: "C=N", "C=S" or "C=M" is the key, "O=A" or "O=D" the direction, with
 * ";" or "&" between them.  All else is passed over.
 */
struct listing_order listorder_parse(struct piece query);

/* The letter of a key, as in a query. */
char listorder_letter(enum listing_key key);

#endif
