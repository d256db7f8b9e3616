/* SPDX-License-Identifier: MIT */
/* Files that were compressed beforehand and lie beside the original. */
#include "handler/precompressed.h"

/* True, and open, if there is such a file and it is of use. */
static bool
open_one(struct site_file *ret_file, const struct place *place,
    int64_t original_modified_s)
{
	if (site_open(ret_file, place->root, place_opened(place)) != 0)
		return false;
	/* An older one was made from another state of the original. */
	if (!ret_file->is_folder && ret_file->modified_s >= original_modified_s)
		return true;
	site_close(ret_file);
	return false;
}

enum coding
neighbour_open(struct site_file *ret_file, const struct exchange *exchange,
    struct place *place, const struct site_file *original)
{
	enum coding choice[CODING_COUNT];
	const size_t count =
	    coding_choose(choice, exchange->request, exchange->head);
	const size_t n = place->n;
	bool is_open = false;
	size_t i;

	for (i = 0; i < count && !is_open; i++) {
		place_add(place, coding_ending(choice[i]));
		is_open = open_one(ret_file, place, original->modified_s);
		place_cut(place, n);
	}
	return is_open ? choice[i - 1] : CODING_IDENTITY;
}
