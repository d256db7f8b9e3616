/* SPDX-License-Identifier: MIT */
/* Strings of JSON (RFC 8259, 7), from any bytes; pure. */
#include "common/json.h"

/* Stands for what is no character. */
#define REPLACEMENT 0xfffd
/* The first character that takes two units of UTF-16. */
#define FIRST_PAIRED 0x10000
/* Two of "\uXXXX": the most that a character becomes. */
#define ESCAPES_BYTES 12

/*
 * The characters of more than one byte, by the first one (The Unicode
 * Standard, table 3-7): where the second lies, and how many follow in all.
 */
static const struct form {
	unsigned char first;
	unsigned char last;
	unsigned char second_low;
	unsigned char second_high;
	unsigned more;
} forms[] = {
	{ 0xc2, 0xdf, 0x80, 0xbf, 1 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 2 },
	{ 0xe1, 0xec, 0x80, 0xbf, 2 },
	{ 0xed, 0xed, 0x80, 0x9f, 2 },
	{ 0xee, 0xef, 0x80, 0xbf, 2 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 3 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 3 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 3 },
};

static unsigned char
byte_at(struct piece bytes, size_t i)
{
	return (unsigned char)bytes.bytes[i];
}

/* How characters that begin with that byte go on; NULL where none does. */
static const struct form *
form_of(unsigned char byte)
{
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (byte >= forms[i].first && byte <= forms[i].last)
			return &forms[i];
	}
	return NULL;
}

/* Takes the first character off, or what could have become one. */
static uint32_t
take_character(struct piece *rest)
{
	const unsigned char first = byte_at(*rest, 0);
	const struct form *form = form_of(first);
	uint32_t character;
	size_t n = 1;

	if (first < 0x80 || form == NULL) {
		character = first < 0x80 ? first : REPLACEMENT;
	} else {
		unsigned char low = form->second_low;
		unsigned char high = form->second_high;

		/* The first one has as many bits as are left beside its mark.
		 */
		character = first & (0x3fU >> form->more);
		while (n <= form->more && n < rest->n &&
		    byte_at(*rest, n) >= low && byte_at(*rest, n) <= high) {
			character = character << 6 | (byte_at(*rest, n) & 0x3f);
			n++;
			low = 0x80;
			high = 0xbf;
		}
		if (n <= form->more)
			character = REPLACEMENT;
	}
	rest->bytes += n;
	rest->n -= n;
	return character;
}

/* Adds one unit of UTF-16. */
static void
put_unit(struct text *text, uint32_t unit)
{
	static const char hex[] = "0123456789abcdef";
	char escape[] = { '\\', 'u', hex[unit >> 12 & 15], hex[unit >> 8 & 15],
		hex[unit >> 4 & 15], hex[unit & 15] };

	text_put(text, escape, sizeof(escape));
}

static void
put_character(struct text *text, uint32_t character)
{
	char c = (char)character;

	if (character >= FIRST_PAIRED) {
		put_unit(text, 0xd800 + ((character - FIRST_PAIRED) >> 10));
		put_unit(text, 0xdc00 + (character & 0x3ff));
	} else if (character < ' ' || character > '~') {
		put_unit(text, character);
	} else {
		if (c == '"' || c == '\\')
			text_put(text, "\\", 1);
		text_put(text, &c, 1);
	}
}

void
json_put_string(struct text *text, struct piece bytes, size_t most)
{
	char escapes[ESCAPES_BYTES];
	struct text one;

	text_put(text, "\"", 1);
	while (bytes.n > 0) {
		text_init(&one, escapes, sizeof(escapes));
		put_character(&one, take_character(&bytes));
		if (one.n > most)
			break;
		text_put(text, one.bytes, one.n);
		most -= one.n;
	}
	text_put(text, "\"", 1);
}
