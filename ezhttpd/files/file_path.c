/* SPDX-License-Identifier: MIT */
/* Where something lies: beneath which folder, and on what path; pure. */
#include "files/file_path.h"

#include <string.h>

void
place_init(struct place *ret_place, struct site_root root, const char *path)
{
	ret_place->root = root;
	ret_place->opened = 0;
	place_cut(ret_place, 0);
	place_add(ret_place, path);
}

void
place_move(struct place *place, struct site_root root, size_t n)
{
	place->root = root;
	place->opened = n;
}

void
place_add(struct place *place, const char *text)
{
	const size_t n = strlen(text);

	if (n >= sizeof(place->text) - place->n)
		return;
	memcpy(place->text + place->n, text, n + 1);
	place->n += n;
}

void
place_cut(struct place *place, size_t n)
{
	place->n = n;
	place->text[n] = '\0';
}

const char *
place_shown(const struct place *place)
{
	return place->text;
}

const char *
place_opened(const struct place *place)
{
	const char *path = place->text + place->opened;

	/* What is beneath another root comes after a slash. */
	return *path == '/' ? path + 1 : path;
}
