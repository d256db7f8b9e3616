/* SPDX-License-Identifier: MIT */
/* What was said, word for word, in the order in which it counts. */
#include "config/option_list.h"

#include <errno.h>
#include <stdlib.h>

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
said_add(struct said *said, const struct optiontable_row *row, const char *word)
{
	if (said->count == said->room) {
		int r = make_room(said);

		if (r < 0)
			return r;
	}
	said->items[said->count++] = (struct said_item){ row, word };
	return 0;
}

void
said_release(struct said *said)
{
	free(said->items);
	*said = (struct said){ .count = 0 };
}
