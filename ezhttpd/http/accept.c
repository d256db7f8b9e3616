/* SPDX-License-Identifier: MIT */
/* Which media type a client would rather have (RFC 9110, 12.5.1); pure. */
#include "http/accept.h"

#include <errno.h>

#include "http/field.h"
#include "http/quality.h"

static const struct {
	struct piece type;
	struct piece subtype;
} types[] = {
	[ACCEPT_HTML] = { PIECE_OF("text"), PIECE_OF("html") },
	[ACCEPT_JSON] = { PIECE_OF("application"), PIECE_OF("json") },
};

/* How much each part of a range adds to its closeness. */
enum {
	CLOSE_AT_ALL = 1,
	CLOSE_BY_CHARSET = 1,
	CLOSE_BY_TYPE = 2,
	CLOSE_BY_SUBTYPE = 3,
};

/* An element of the list: a range of types, and what is said of it. */
struct range {
	struct piece type;
	struct piece subtype;
	int quality;
	bool has_quality;
	bool has_charset;
	/* It has a parameter that no type here has. */
	bool is_foreign;
};

/* --- words -------------------------------------------------------------- */

static bool
take_char(struct piece *rest, char c)
{
	if (rest->n == 0 || rest->bytes[0] != c)
		return false;
	rest->bytes++;
	rest->n--;
	return true;
}

static void
pass_blanks(struct piece *rest)
{
	while (take_char(rest, ' ') || take_char(rest, '\t'))
		;
}

/* Takes off `n` bytes; false where there are none. */
static bool
take_bytes(struct piece *rest, size_t n, struct piece *ret_taken)
{
	ret_taken->bytes = rest->bytes;
	ret_taken->n = n;
	rest->bytes += n;
	rest->n -= n;
	return n > 0;
}

static bool
take_token(struct piece *rest, struct piece *ret_token)
{
	return take_bytes(rest, piece_span(*rest, PIECE_IN_TOKEN), ret_token);
}

/* The bytes of a string in quotes (RFC 9110, 5.6.4), with them; 0 if none. */
static size_t
quoted_span(struct piece piece)
{
	size_t i = 1;

	if (piece.n == 0 || piece.bytes[0] != '"')
		return 0;
	for (; i < piece.n && piece.bytes[i] != '"'; i++) {
		if (piece.bytes[i] == '\\')
			i++;
	}
	return i < piece.n ? i + 1 : 0;
}

static bool
is_word(struct piece piece, char c)
{
	return piece.n == 1 && piece.bytes[0] == c;
}

/* --- an element --------------------------------------------------------- */

static int
take_weight(struct range *range, struct piece value)
{
	int quality = quality_parse(value);

	if (quality < 0)
		return quality;
	range->quality = quality;
	range->has_quality = true;
	return 0;
}

/* What comes behind the weight is no longer part of the type (RFC 7231). */
static int
take_parameter(struct range *range, struct piece name, struct piece value)
{
	static const struct piece weight = PIECE_OF("q");
	static const struct piece charset = PIECE_OF("charset");
	static const struct piece utf8 = PIECE_OF("utf-8");
	static const struct piece quoted_utf8 = PIECE_OF("\"utf-8\"");

	if (range->has_quality)
		return 0;
	if (piece_equals(name, weight))
		return take_weight(range, value);
	if (piece_equals(name, charset) &&
	    (piece_equals(value, utf8) || piece_equals(value, quoted_utf8)))
		range->has_charset = true;
	else
		range->is_foreign = true;
	return 0;
}

/* Takes what is said behind a range (RFC 9110, 5.6.6). */
static int
take_parameters(struct range *range, struct piece *rest)
{
	pass_blanks(rest);
	while (take_char(rest, ';')) {
		struct piece name;
		struct piece value;
		int r;

		pass_blanks(rest);
		/* A parameter may be empty. */
		if (!take_token(rest, &name))
			continue;
		if (!take_char(rest, '=') ||
		    (!take_token(rest, &value) &&
			!take_bytes(rest, quoted_span(*rest), &value)))
			return -EBADMSG;
		r = take_parameter(range, name, value);
		if (r < 0)
			return r;
		pass_blanks(rest);
	}
	return 0;
}

static int
take_range(struct range *ret_range, struct piece *rest)
{
	struct range range = { .quality = QUALITY_ONE };
	int r;

	if (!take_token(rest, &range.type) || !take_char(rest, '/') ||
	    !take_token(rest, &range.subtype))
		return -EBADMSG;
	r = take_parameters(&range, rest);
	if (r < 0)
		return r;
	if (rest->n > 0 && rest->bytes[0] != ',')
		return -EBADMSG;
	*ret_range = range;
	return 0;
}

/* --- the list ----------------------------------------------------------- */

/* How closely a range describes a type; 0 where it does not. */
static int
closeness_of(const struct range *range, enum accept_type type)
{
	int closeness = CLOSE_AT_ALL;

	if (range->is_foreign)
		return 0;
	if (range->has_charset)
		closeness += CLOSE_BY_CHARSET;
	if (is_word(range->type, '*'))
		return is_word(range->subtype, '*') ? closeness : 0;
	if (!piece_equals(range->type, types[type].type))
		return 0;
	closeness += CLOSE_BY_TYPE;
	if (is_word(range->subtype, '*'))
		return closeness;
	if (!piece_equals(range->subtype, types[type].subtype))
		return 0;
	return closeness + CLOSE_BY_SUBTYPE;
}

static void
note(struct accept *accept, const struct range *range)
{
	int type;

	for (type = 0; type < ACCEPT_TYPES; type++) {
		struct accept_said *said = &accept->of[type];
		int closeness = closeness_of(range, type);

		if (closeness <= said->closeness)
			continue;
		said->closeness = closeness;
		said->quality = range->quality;
	}
}

int
accept_parse(struct accept *accept, struct piece list)
{
	for (;;) {
		struct range range;
		int r;

		pass_blanks(&list);
		if (list.n == 0)
			return 0;
		/* RFC 9110, 5.6.1.2: an element may be empty. */
		if (take_char(&list, ','))
			continue;
		r = take_range(&range, &list);
		if (r < 0)
			return r;
		note(accept, &range);
	}
}

enum accept_type
accept_choose(const struct request *request, const char *head)
{
	struct accept accept = { 0 };
	enum accept_type best = 0;
	struct piece list;
	size_t at = 0;
	int type;

	if (!request_has(request, REQUEST_ACCEPT))
		return best;
	while (field_next(request, head, REQUEST_ACCEPT, &at, &list)) {
		if (accept_parse(&accept, list) < 0)
			return 0;
	}
	for (type = 1; type < ACCEPT_TYPES; type++) {
		if (accept.of[type].quality > accept.of[best].quality)
			best = type;
	}
	return best;
}
