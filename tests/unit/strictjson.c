/* SPDX-License-Identifier: MIT */
/* A checker of JSON that lets nothing pass but what RFC 8259 allows. */
#include "strictjson.h"

#include <stdlib.h>
#include <string.h>

/* What is left to read. */
struct reader {
	const char *at;
	const char *end;
};

static bool read_value(struct reader *reader);

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
read_word(struct reader *reader, const char *word)
{
	const size_t n = strlen(word);

	if ((size_t)(reader->end - reader->at) < n ||
	    memcmp(reader->at, word, n) != 0)
		return false;
	reader->at += n;
	return true;
}

static void
pass_space(struct reader *reader)
{
	while (read_word(reader, " ") || read_word(reader, "\n"))
		;
}

/* Takes the next byte, if it is among those; else 0. */
static char
take_one_of(struct reader *reader, const char *those)
{
	if (reader->at == reader->end || *reader->at == '\0' ||
	    strchr(those, *reader->at) == NULL)
		return '\0';
	return *reader->at++;
}

/* Reads what is behind "\u": the unit, or -1. */
static long
read_unit(struct reader *reader)
{
	static const char hex[] = "0123456789abcdefABCDEF";
	char digits[5] = "";
	int i;

	for (i = 0; i < 4; i++) {
		digits[i] = take_one_of(reader, hex);
		if (digits[i] == '\0')
			return -1;
	}
	return strtol(digits, NULL, 16);
}

static bool
read_escape(struct reader *reader)
{
	long unit;

	if (!read_word(reader, "u"))
		return take_one_of(reader, "\"\\/bfnrt") != '\0';
	unit = read_unit(reader);
	if (unit < 0 || (unit >= 0xdc00 && unit <= 0xdfff))
		return false;
	if (unit < 0xd800 || unit > 0xdfff)
		return true;
	if (!read_word(reader, "\\u"))
		return false;
	unit = read_unit(reader);
	return unit >= 0xdc00 && unit <= 0xdfff;
}

static bool
read_string(struct reader *reader)
{
	if (!read_word(reader, "\""))
		return false;
	while (!read_word(reader, "\"")) {
		if (read_word(reader, "\\")) {
			if (!read_escape(reader))
				return false;
			continue;
		}
		if (reader->at == reader->end || *reader->at < ' ' ||
		    *reader->at > '~')
			return false;
		reader->at++;
	}
	return true;
}

static bool
read_number(struct reader *reader)
{
	const char *start = reader->at;

	while (reader->at < reader->end && is_digit(*reader->at))
		reader->at++;
	return reader->at > start && (*start != '0' || reader->at == start + 1);
}

/* A list of members, or of values; behind its first byte. */
static bool
read_list(struct reader *reader, bool has_names, const char *end)
{
	pass_space(reader);
	if (read_word(reader, end))
		return true;
	do {
		pass_space(reader);
		if (has_names &&
		    (!read_string(reader) || !read_word(reader, ":")))
			return false;
		if (!read_value(reader))
			return false;
		pass_space(reader);
	} while (read_word(reader, ","));
	return read_word(reader, end);
}

static bool
read_value(struct reader *reader)
{
	pass_space(reader);
	if (read_word(reader, "{"))
		return read_list(reader, true, "}");
	if (read_word(reader, "["))
		return read_list(reader, false, "]");
	return read_word(reader, "null") || read_number(reader) ||
	    read_string(reader);
}

bool
strictjson_is_good(const char *bytes, size_t n)
{
	struct reader reader = { bytes, bytes + n };

	if (!read_value(&reader))
		return false;
	pass_space(&reader);
	return reader.at == reader.end;
}
