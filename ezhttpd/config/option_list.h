/* SPDX-License-Identifier: MIT */
/* What was said, word for word, in the order in which it counts. */
#ifndef EZHTTPD_CONFIG_OPTION_LIST_H
#define EZHTTPD_CONFIG_OPTION_LIST_H

#include <stddef.h>

#include "config/option_table.h"

/* An option that was given; the word, which is not its own, may be NULL. */
struct said_item {
	const struct optiontable_row *row;
	const char *word;
	/* Of the configuration file, counted from 1; 0: on the command line. */
	unsigned line;
};

/*
 * A list of them, which grows.  Begin with zeros; to be ended with
 * said_release().  Always true: count <= room.
 */
struct said {
	struct said_item *items;
	size_t count;
	size_t room;
};

/* Adds an option at the end.  Fails with -ENOMEM. */
int said_add(struct said *said, const struct said_item *item);

/*
 * The last option `id` whose word ends in `text`, as a file's name may stand
 * behind something else; NULL where there is none.
 */
const struct said_item *said_find(const struct said *said, int id,
    const char *text);

void said_release(struct said *said);

#endif
