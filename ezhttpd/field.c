/* SPDX-License-Identifier: MIT */
/* The fields of a request: which are kept, and what those of framing say. */
#include "field.h"

/*
 * Which of the kept fields has that name; REQUEST_FIELD_COUNT if none.  In
 * the names that frame a message an underscore is taken for a hyphen: there
 * are gateways that do, and it has no honest use.
 */
static enum request_field
field_of(struct piece name)
{
	static const struct {
		struct piece name;
		enum request_field field;
	} known[] = {
		{ PIECE_OF("host"), REQUEST_HOST },
		{ PIECE_OF("connection"), REQUEST_CONNECTION },
		{ PIECE_OF("content-length"), REQUEST_CONTENT_LENGTH },
		{ PIECE_OF("content_length"), REQUEST_CONTENT_LENGTH },
		{ PIECE_OF("transfer-encoding"), REQUEST_TRANSFER_ENCODING },
		{ PIECE_OF("transfer_encoding"), REQUEST_TRANSFER_ENCODING },
		{ PIECE_OF("expect"), REQUEST_EXPECT },
		{ PIECE_OF("if-modified-since"), REQUEST_IF_MODIFIED_SINCE },
		{ PIECE_OF("if-none-match"), REQUEST_IF_NONE_MATCH },
		{ PIECE_OF("referer"), REQUEST_REFERER },
		{ PIECE_OF("user-agent"), REQUEST_USER_AGENT },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (piece_equals(name, known[i].name))
			return known[i].field;
	}
	return REQUEST_FIELD_COUNT;
}

/* RFC 9112, 9.3.  Several lines count as one list. */
static void
take_connection(struct request *request, struct piece list)
{
	static const struct piece close = PIECE_OF("close");
	static const struct piece keep_alive = PIECE_OF("keep-alive");
	bool has_more;

	do {
		struct piece option = list;

		has_more = piece_split(&list, ',', &option);
		option = piece_trimmed(option);
		if (piece_equals(option, close))
			request->says_close = true;
		else if (piece_equals(option, keep_alive))
			request->says_keep_alive = true;
	} while (has_more);
}

int
field_take(struct request *request, const char *head, struct piece line)
{
	struct piece value = line;
	struct piece name;
	enum request_field field;

	if (++request->fields > REQUEST_FIELDS)
		return 431;
	if (!piece_split(&value, ':', &name) || name.n == 0)
		return 400;
	/* This also refuses a folded line and a space before the colon. */
	if (piece_span(name, PIECE_IN_TOKEN) < name.n)
		return 400;
	value = piece_trimmed(value);
	field = field_of(name);
	if (field == REQUEST_FIELD_COUNT)
		return 0;
	if (field == REQUEST_CONNECTION)
		take_connection(request, value);
	if (request_has(request, field))
		request->repeated |= UINT32_C(1) << field;
	else
		request->field[field] = request_span(head, value);
	return 0;
}
