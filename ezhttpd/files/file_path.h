/* SPDX-License-Identifier: MIT */
/* Where something lies: beneath which folder, and on what path; pure. */
#ifndef EZHTTPD_FILES_FILE_PATH_H
#define EZHTTPD_FILES_FILE_PATH_H

#include <stddef.h>

#include "files/docroot.h"
#include "http/url_path.h"

/* All that may be added to a path: a name in it, and two endings. */
#define PLACE_ADDED_BYTES (1 + 255 + 16)

/*
 * A path of a URL, and what is opened for it.  These are the same, but for
 * folders that lie elsewhere, whose path in the URL is passed over.
 */
struct place {
	struct site_root root;
	/* Where in the text begins what is opened. */
	size_t opened;
	size_t n;
	char text[URLPATH_SIZE + PLACE_ADDED_BYTES];
};

/* A path beneath `root`, without a slash in front. */
void place_init(struct place *ret_place, struct site_root root,
    const char *path);

/* The first `n` bytes of the path stand for another root. */
void place_move(struct place *place, struct site_root root, size_t n);

/*
 * Adds to the path.  What does not fit is left out; PLACE_ADDED_BYTES do, after
 * any path of a URL.
 */
void place_add(struct place *place, const char *text);

/* Takes away what was added since it had `n` bytes. */
void place_cut(struct place *place, size_t n);

/* The path of the URL, without a slash in front. */
const char *place_shown(const struct place *place);

/* What to open beneath its root; "" is the root. */
const char *place_opened(const struct place *place);

#endif
