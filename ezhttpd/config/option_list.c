/* SPDX-License-Identifier: MIT */
/* What was said, word for word, in the order in which it counts. */
#include "config/option_list.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 16

static int
make_room(struct said *said)
{
	size_t room = said->room > 0 ? 2 * said->room : FIRST_ROOM;
	struct said_item *items =
	    reallocarray(said->items, room, sizeof(*items));

	if (items == NULL)
		return -ENOMEM;
	said->items = items;
	said->room = room;
	return 0;
}

int
said_add(struct said *said, const struct said_item *item)
{
	if (said->count == said->room) {
		int r = make_room(said);

		if (r < 0)
			return r;
	}
	said->items[said->count++] = *item;
	return 0;
}

static bool
ends_in(const char *word, const char *text)
{
	size_t n = strlen(word);
	size_t end = strlen(text);

	return n >= end && strcmp(word + n - end, text) == 0;
}

const struct said_item *
said_find(const struct said *said, int id, const char *text)
{
	size_t i;

	for (i = said->count; i > 0; i--) {
		const struct said_item *item = &said->items[i - 1];

		if (item->row->id == id && item->word != NULL &&
		    ends_in(item->word, text))
			return item;
	}
	return NULL;
}

void
said_release(struct said *said)
{
	free(said->items);
	*said = (struct said){ .count = 0 };
}
