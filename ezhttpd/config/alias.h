/* SPDX-License-Identifier: MIT */
/* Folders that lie elsewhere, and have a path in the URL; pure. */
#ifndef EZHTTPD_CONFIG_ALIAS_H
#define EZHTTPD_CONFIG_ALIAS_H

#include <stdbool.h>

#include "common/slice.h"
#include "http/url_path.h"

struct alias {
	/* Without a slash at either end. */
	struct piece path;
	const char *folder;
};

/*
 * Reads "/path=folder".  The strings stay those of `word`, which has to
 * outlive it.  Returns 0, or -EBADMSG.
 */
int alias_parse(struct alias *ret_alias, const char *word);

/* True if that path of a URL is the alias's, or beneath it. */
bool alias_matches(const struct alias *alias, const struct urlpath *path);

#endif
