/* SPDX-License-Identifier: MIT */
/* Paths that have moved, and where to; pure. */
#include "config/redirect.h"

#include <errno.h>
#include <string.h>

/* Takes the `*` off the end; false where there is none. */
static bool
take_star(struct piece *piece)
{
	if (piece->n == 0 || piece->bytes[piece->n - 1] != '*')
		return false;
	piece->n--;
	return true;
}

static bool
begins_with(struct piece piece, const char *start)
{
	const size_t n = strlen(start);

	return piece.n >= n && memcmp(piece.bytes, start, n) == 0;
}

/* A host, or a path of this one, but not "//", which is a host again. */
static bool
has_host_or_path(struct piece to)
{
	static const char *const schemes[] = { "http://", "https://" };
	size_t i;

	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		size_t n = strlen(schemes[i]);

		if (begins_with(to, schemes[i]))
			return to.n > n && to.bytes[n] != '/';
	}
	return begins_with(to, "/") && !begins_with(to, "//");
}

/*
 * A place that browsers go to, with nothing that a field could not hold, and
 * no fragment, behind which nothing could be added.
 */
static bool
is_location(struct piece to)
{
	size_t i;

	if (to.n > REDIRECT_TO_BYTES)
		return false;
	for (i = 0; i < to.n; i++) {
		if (to.bytes[i] <= ' ' || to.bytes[i] >= 0x7f ||
		    to.bytes[i] == '#' || to.bytes[i] == '\\')
			return false;
	}
	return has_host_or_path(to);
}

static bool
ends_in_slash(struct piece piece)
{
	return piece.n > 0 && piece.bytes[piece.n - 1] == '/';
}

/* The root, or what a URL can have; with a rest there is a slash behind it. */
static bool
is_path(struct piece from, bool has_rest)
{
	size_t n = has_rest && from.n > 0 ? from.n - 1 : from.n;

	return n == 0 || urlpath_may_be(from.bytes, n);
}

int
redirect_parse(struct redirect *ret_redirect, const char *word)
{
	struct piece to = { word, strlen(word) };
	struct piece from;
	bool has_rest;

	if (!piece_split(&to, '=', &from) || !begins_with(from, "/"))
		return -EBADMSG;
	has_rest = take_star(&from);
	if (take_star(&to) != has_rest || !is_location(to))
		return -EBADMSG;
	if (has_rest && (!ends_in_slash(from) || !ends_in_slash(to)))
		return -EBADMSG;
	/* With or without a slash at its end it is the same path. */
	if (!has_rest && from.n > 1 && ends_in_slash(from))
		from.n--;
	/* Paths here have no slash in front. */
	from.bytes++;
	from.n--;
	if (!is_path(from, has_rest))
		return -EBADMSG;
	*ret_redirect = (struct redirect){ from, to, has_rest };
	return 0;
}

bool
redirect_matches(const struct redirect *redirect, const struct urlpath *path,
    const char **ret_rest)
{
	const struct piece from = redirect->from;

	/* What is above all of it; a folder's own slash is not in its path. */
	if (redirect->has_rest && path->n + 1 == from.n &&
	    memcmp(path->text, from.bytes, path->n) == 0) {
		*ret_rest = "";
		return true;
	}
	if (path->n < from.n || memcmp(path->text, from.bytes, from.n) != 0)
		return false;
	*ret_rest = path->text + from.n;
	return redirect->has_rest || path->n == from.n;
}
