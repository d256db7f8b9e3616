/* SPDX-License-Identifier: MIT */
/* Folders that lie elsewhere, and have a path in the URL; pure. */
#include "config/alias.h"

#include <errno.h>
#include <string.h>

static struct piece
without_slashes(struct piece path)
{
	while (path.n > 0 && path.bytes[0] == '/') {
		path.bytes++;
		path.n--;
	}
	while (path.n > 0 && path.bytes[path.n - 1] == '/')
		path.n--;
	return path;
}

int
alias_parse(struct alias *ret_alias, const char *word)
{
	struct piece rest = { word, strlen(word) };
	struct piece path;

	if (*word != '/' || !piece_split(&rest, '=', &path) || rest.n == 0)
		return -EBADMSG;
	path = without_slashes(path);
	if (!urlpath_may_be(path.bytes, path.n))
		return -EBADMSG;
	*ret_alias = (struct alias){ path, rest.bytes };
	return 0;
}

bool
alias_matches(const struct alias *alias, const struct urlpath *path)
{
	const struct piece own = alias->path;

	return path->n >= own.n && memcmp(path->text, own.bytes, own.n) == 0 &&
	    (path->n == own.n || path->text[own.n] == '/');
}
