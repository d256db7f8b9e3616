/* SPDX-License-Identifier: MIT */
/* References to the place of a request or to one beside it; pure. */
#include "http/location.h"

#include <string.h>

/* Bytes of a percent code. */
#define CODE_BYTES 3

bool
location_is_encoded(struct piece part)
{
	return piece_span(part, PIECE_IN_TARGET) == part.n;
}

static void
put_code(struct text *text, char c)
{
	static const char hex[] = "0123456789ABCDEF";
	const unsigned char byte = (unsigned char)c;
	const char code[CODE_BYTES] = { '%', hex[byte >> 4], hex[byte & 15] };

	text_put(text, code, sizeof(code));
}

void
location_put(struct text *text, struct piece part)
{
	while (part.n > 0) {
		const size_t n = piece_span(part, PIECE_IN_URI);

		text_put(text, part.bytes, n);
		if (n == part.n)
			return;
		put_code(text, part.bytes[n]);
		part.bytes += n + 1;
		part.n -= n + 1;
	}
}

/* Where the segment begins in which `at` is. */
static size_t
segment_start(struct piece path, size_t at)
{
	while (at > 0 && path.bytes[at - 1] != '/')
		at--;
	return at;
}

static struct piece
piece_from(struct piece piece, size_t start)
{
	return (struct piece){ piece.bytes + start, piece.n - start };
}

/*
 * Adds a path that begins with a segment.  RFC 3986, 4.2: a colon in the first
 * segment would end a scheme.
 */
static void
put_segments(struct text *text, struct piece path)
{
	struct piece first = path;
	struct piece rest = path;

	(void)piece_split(&rest, '/', &first);
	if (memchr(first.bytes, ':', first.n) != NULL)
		text_put_string(text, "./");
	location_put(text, path);
}

void
location_put_slash(struct text *text, struct piece path)
{
	put_segments(text, piece_from(path, segment_start(path, path.n)));
	text_put(text, "/", 1);
}

/* How many bytes a dot takes at the front, perhaps as a code; 0 for others. */
static size_t
dot_bytes(struct piece piece)
{
	static const struct piece code = PIECE_OF("%2e");
	const struct piece front = { piece.bytes, CODE_BYTES };

	if (piece.n > 0 && piece.bytes[0] == '.')
		return 1;
	if (piece.n >= CODE_BYTES && piece_equals(front, code))
		return CODE_BYTES;
	return 0;
}

/* True if the segment has a byte, and another one than dots. */
static bool
is_name(struct piece segment)
{
	size_t n;

	do {
		n = dot_bytes(segment);
		segment = piece_from(segment, n);
	} while (n > 0);
	return segment.n > 0;
}

/*
 * Counts the slashes of a path that begins with a segment; -1 if a segment,
 * but for the last one where nothing is, is not a name.
 */
static int
count_slashes(struct piece path)
{
	struct piece segment;
	int count = 0;

	while (piece_split(&path, '/', &segment)) {
		if (!is_name(segment))
			return -1;
		count++;
	}
	return path.n > 0 && !is_name(path) ? -1 : count;
}

bool
location_put_same(struct text *text, struct piece path)
{
	const size_t raw = piece_span(path, PIECE_IN_TARGET);
	struct piece rest;
	int ups;

	if (raw == path.n)
		return true;
	rest = piece_from(path, segment_start(path, raw));
	ups = count_slashes(rest);
	if (ups < 0)
		return false;
	for (; ups > 0; ups--)
		text_put_string(text, "../");
	put_segments(text, rest);
	return true;
}
