/* SPDX-License-Identifier: MIT */
/* Text put together in a buffer of fixed size. */
#include "common/textbuf.h"

#include <string.h>

/* Digits of the largest 64-bit number. */
#define NUMBER_DIGITS 20

void
text_init(struct text *text, char *bytes, size_t size)
{
	*text = (struct text){ .bytes = bytes, .size = size };
}

void
text_put(struct text *text, const char *bytes, size_t n)
{
	if (text->is_cut || n > text->size - text->n) {
		text->is_cut = true;
		return;
	}
	memcpy(text->bytes + text->n, bytes, n);
	text->n += n;
}

void
text_put_string(struct text *text, const char *string)
{
	text_put(text, string, strlen(string));
}

void
text_put_padded(struct text *text, uint64_t number, unsigned width)
{
	char digits[NUMBER_DIGITS];
	size_t first = sizeof(digits);

	do {
		digits[--first] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	while (sizeof(digits) - first < width && first > 0)
		digits[--first] = '0';
	text_put(text, digits + first, sizeof(digits) - first);
}

void
text_put_number(struct text *text, uint64_t number)
{
	text_put_padded(text, number, 1);
}

/* What stands for `c` in HTML; NULL where it stands for itself. */
static const char *
html_entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void
text_put_html(struct text *text, const char *bytes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		const char *entity = html_entity(bytes[i]);

		if (entity != NULL)
			text_put_string(text, entity);
		else
			text_put(text, bytes + i, 1);
	}
}

static bool
is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
	    c == '~';
}

void
text_put_url(struct text *text, const char *bytes, size_t n)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t i;

	for (i = 0; i < n; i++) {
		unsigned char c = (unsigned char)bytes[i];
		char code[3] = { '%', hex[c >> 4], hex[c & 15] };

		if (is_unreserved(bytes[i]) || bytes[i] == '/')
			text_put(text, bytes + i, 1);
		else
			text_put(text, code, sizeof(code));
	}
}
