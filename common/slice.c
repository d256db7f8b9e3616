/* SPDX-License-Identifier: MIT */
/* Pieces of a text that is somewhere else, and what may stand in them; pure. */
#include "common/slice.h"

#include <string.h>

#define VISIBLE (PIECE_IN_FIELD | PIECE_IN_TARGET)
#define URI (VISIBLE | PIECE_IN_URI)
#define WORD (URI | PIECE_IN_TOKEN | PIECE_IN_HOST)
#define RAW (PIECE_IN_FIELD | PIECE_IN_RAW_TARGET)

/* Ranges come first; what differs within them overrides. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
static const unsigned char class_of[256] = {
	[0x21 ... 0x7e] = VISIBLE,
	[0x80 ... 0xff] = RAW,
	['\t'] = PIECE_IN_FIELD,
	[' '] = PIECE_IN_FIELD,
	['0' ... '9'] = WORD | PIECE_IN_ADDRESS | PIECE_IN_VERSION,
	['A' ... 'F'] = WORD | PIECE_IN_ADDRESS,
	['G' ... 'Z'] = WORD,
	['a' ... 'f'] = WORD | PIECE_IN_ADDRESS,
	['g' ... 'z'] = WORD,
	['H'] = WORD | PIECE_IN_VERSION,
	['P'] = WORD | PIECE_IN_VERSION,
	['T'] = WORD | PIECE_IN_VERSION,
	['-'] = WORD,
	['.'] = WORD | PIECE_IN_ADDRESS | PIECE_IN_VERSION,
	['/'] = URI | PIECE_IN_VERSION,
	['_'] = WORD,
	['~'] = WORD,
	[':'] = URI | PIECE_IN_ADDRESS,
	['!'] = URI | PIECE_IN_TOKEN,
	['$' ... '\''] = URI | PIECE_IN_TOKEN,
	['(' ... ')'] = URI,
	['*' ... '+'] = URI | PIECE_IN_TOKEN,
	[','] = URI,
	[';'] = URI,
	['='] = URI,
	['?' ... '@'] = URI,
	['^'] = VISIBLE | PIECE_IN_TOKEN,
	['`'] = VISIBLE | PIECE_IN_TOKEN,
	['|'] = VISIBLE | PIECE_IN_TOKEN,
	['#'] = PIECE_IN_FIELD | PIECE_IN_TOKEN,
	['"'] = RAW,
	['<'] = RAW,
	['>'] = RAW,
};
#pragma GCC diagnostic pop

size_t
piece_span(struct piece piece, unsigned classes)
{
	size_t i = 0;

	while (i < piece.n &&
	    (class_of[(unsigned char)piece.bytes[i]] & classes) != 0)
		i++;
	return i;
}

bool
piece_is_digit(char c)
{
	return c >= '0' && c <= '9';
}

char
piece_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool
piece_equals(struct piece a, struct piece b)
{
	size_t i;

	if (a.n != b.n)
		return false;
	for (i = 0; i < a.n; i++) {
		if (piece_lower(a.bytes[i]) != piece_lower(b.bytes[i]))
			return false;
	}
	return true;
}

struct piece
piece_trimmed(struct piece piece)
{
	while (piece.n > 0 && is_blank(piece.bytes[0])) {
		piece.bytes++;
		piece.n--;
	}
	while (piece.n > 0 && is_blank(piece.bytes[piece.n - 1]))
		piece.n--;
	return piece;
}

bool
piece_split(struct piece *rest, char c, struct piece *ret_before)
{
	const char *end = memchr(rest->bytes, c, rest->n);

	if (end == NULL)
		return false;
	ret_before->bytes = rest->bytes;
	ret_before->n = (size_t)(end - rest->bytes);
	rest->n -= ret_before->n + 1;
	rest->bytes = end + 1;
	return true;
}
