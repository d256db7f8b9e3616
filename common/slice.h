/* SPDX-License-Identifier: MIT */
/* Pieces of a text that is somewhere else, and what may stand in them; pure. */
#ifndef COMMON_SLICE_H
#define COMMON_SLICE_H

#include <stdbool.h>
#include <stddef.h>

/* A piece of a text, or a word.  The bytes are not its own. */
struct piece {
	const char *bytes;
	size_t n;
};

/* The piece that is a literal. */
#define PIECE_OF(word)                   \
	{                                \
		(word), sizeof(word) - 1 \
	}

/* What a byte may be part of. */
enum {
	/* The version of HTTP. */
	PIECE_IN_VERSION = 1,
	/*
	 * The value of a field: the visible characters of ASCII, space and tab,
	 * and bytes that are not ASCII.
	 */
	PIECE_IN_FIELD = 2,
	/* A method or the name of a field (RFC 9110, 5.6.2). */
	PIECE_IN_TOKEN = 4,
	/* A path or a query, with all bytes that some clients leave as they
	 * are.
	 */
	PIECE_IN_TARGET = 8,
	/* The name of a host. */
	PIECE_IN_HOST = 16,
	/* An IPv6 address. */
	PIECE_IN_ADDRESS = 32,
	/*
	 * Bytes that are not ASCII, quotes and angles: a path or a query may
	 * have them only percent-encoded, but some clients send them as they
	 * are.
	 */
	PIECE_IN_RAW_TARGET = 64,
	/* A path or a query as RFC 3986 has it, with its percent codes. */
	PIECE_IN_URI = 128,
};

/* How many bytes at the start are of one of these classes. */
size_t piece_span(struct piece piece, unsigned classes);

bool piece_is_digit(char c);

/* A letter of ASCII in lower case; any other byte as it is. */
char piece_lower(char c);

/* Equal but for the case of letters. */
bool piece_equals(struct piece a, struct piece b);

/* Without the blanks at both ends: spaces and tabs. */
struct piece piece_trimmed(struct piece piece);

/*
 * Takes off what comes before the first `c`, and that; returns false, and
 * takes nothing, where there is none.
 */
bool piece_split(struct piece *rest, char c, struct piece *ret_before);

#endif
