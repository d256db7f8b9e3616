/* SPDX-License-Identifier: MIT */
/* Header fields that the operator adds to all answers; pure. */
#include "config/extra_header.h"

#include <errno.h>
#include <string.h>

static bool
is_taken(struct piece name)
{
	static const struct piece taken[] = {
		PIECE_OF("accept-ranges"),
		PIECE_OF("allow"),
		PIECE_OF("cache-control"),
		PIECE_OF("connection"),
		PIECE_OF("content-encoding"),
		PIECE_OF("content-length"),
		PIECE_OF("content-range"),
		PIECE_OF("content-type"),
		PIECE_OF("date"),
		PIECE_OF("etag"),
		PIECE_OF("keep-alive"),
		PIECE_OF("last-modified"),
		PIECE_OF("listing-cut"),
		PIECE_OF("location"),
		PIECE_OF("retry-after"),
		PIECE_OF("server"),
		PIECE_OF("trailer"),
		PIECE_OF("transfer-encoding"),
		PIECE_OF("upgrade"),
		PIECE_OF("vary"),
		PIECE_OF("www-authenticate"),
		PIECE_OF("x-content-type-options"),
	};
	size_t i;

	for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
		if (piece_equals(name, taken[i]))
			return true;
	}
	return false;
}

int
extrafield_parse(struct extrafield *ret_field, const char *word)
{
	struct piece value = { word, strlen(word) };
	struct piece name;

	if (!piece_split(&value, ':', &name) || name.n == 0 ||
	    piece_span(name, PIECE_IN_TOKEN) < name.n ||
	    piece_span(value, PIECE_IN_FIELD) < value.n)
		return -EBADMSG;
	if (is_taken(name))
		return -EPERM;
	ret_field->name = name;
	ret_field->value = piece_trimmed(value);
	return 0;
}
