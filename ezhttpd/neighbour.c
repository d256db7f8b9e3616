/* SPDX-License-Identifier: MIT */
/* Files that were compressed beforehand and lie beside the original. */
#include "neighbour.h"

#include "text.h"
#include "urlpath.h"

/* Longest ending. */
#define ENDING_BYTES 8

/* True, and open, if there is such a file and it is of use. */
static bool
open_one(struct site_file *ret_file, const struct exchange *exchange,
    const char *path, int64_t original_modified_s)
{
	if (site_open(ret_file, exchange->root_fd, path) != 0)
		return false;
	/* An older one was made from another state of the original. */
	if (!ret_file->is_folder && ret_file->modified_s >= original_modified_s)
		return true;
	site_close(ret_file);
	return false;
}

enum coding
neighbour_open(struct site_file *ret_file, const struct exchange *exchange,
    const char *path, const struct site_file *original)
{
	static char name[URLPATH_SIZE + ENDING_BYTES];
	enum coding choice[CODING_COUNT];
	size_t count = coding_choose(choice, exchange->request, exchange->head);
	struct text text;
	size_t i;

	for (i = 0; i < count; i++) {
		text_init(&text, name, sizeof(name));
		text_put_string(&text, path);
		text_put_string(&text, coding_ending(choice[i]));
		text_put(&text, "", 1);
		if (!text.is_cut &&
		    open_one(ret_file, exchange, name, original->modified_s))
			return choice[i];
	}
	return CODING_IDENTITY;
}
