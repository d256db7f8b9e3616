/* SPDX-License-Identifier: MIT */
/* The fields of a request: which are kept, and what those of framing say. */
#include "http/field.h"

/* Which of the kept fields has that name; REQUEST_FIELD_COUNT if none. */
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
		{ PIECE_OF("transfer-encoding"), REQUEST_TRANSFER_ENCODING },
		{ PIECE_OF("expect"), REQUEST_EXPECT },
		{ PIECE_OF("range"), REQUEST_RANGE },
		{ PIECE_OF("if-range"), REQUEST_IF_RANGE },
		{ PIECE_OF("if-match"), REQUEST_IF_MATCH },
		{ PIECE_OF("if-unmodified-since"),
		    REQUEST_IF_UNMODIFIED_SINCE },
		{ PIECE_OF("accept"), REQUEST_ACCEPT },
		{ PIECE_OF("accept-encoding"), REQUEST_ACCEPT_ENCODING },
		{ PIECE_OF("authorization"), REQUEST_AUTHORIZATION },
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

/*
 * There are gateways that take an underscore for a hyphen: then these frame a
 * message.  They have no honest use.
 */
static bool
is_disguised(struct piece name)
{
	static const struct piece coding = PIECE_OF("transfer_encoding");
	static const struct piece length = PIECE_OF("content_length");

	return piece_equals(name, coding) || piece_equals(name, length);
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
field_take(struct request *request, const char *head, struct piece value)
{
	const struct piece name = request_piece(head, request->name);
	enum request_field field = field_of(name);

	if (is_disguised(name))
		return 400;
	if (field == REQUEST_FIELD_COUNT)
		return 0;
	value = piece_trimmed(value);
	if (field == REQUEST_CONNECTION)
		take_connection(request, value);
	if (request_has(request, field))
		request->repeated |= UINT32_C(1) << field;
	else
		request->field[field] = request_span(head, value);
	return 0;
}

bool
field_next(const struct request *request, const char *head,
    enum request_field field, size_t *at, struct piece *ret_value)
{
	struct piece rest = { head, request->scanned };
	struct piece line;
	struct piece name;

	if (*at == 0)
		*at = (size_t)(request->line.start + request->line.n) + 2;
	rest.bytes += *at;
	rest.n -= *at;
	while (piece_split(&rest, '\n', &line)) {
		*at = (size_t)(rest.bytes - head);
		if (!piece_split(&line, ':', &name) || field_of(name) != field)
			continue;
		/* What is left of the line ends in its CR. */
		line.n--;
		*ret_value = piece_trimmed(line);
		return true;
	}
	return false;
}
