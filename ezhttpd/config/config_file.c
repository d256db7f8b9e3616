/* SPDX-License-Identifier: MIT */
/* The lines of a configuration file: "name value"; pure. */
#include "config/config_file.h"

#include <errno.h>
#include <string.h>

/* What may stand in the value of a field is just what may here. */
static bool
has_control(struct piece line)
{
	return piece_span(line, PIECE_IN_FIELD) < line.n;
}

/* The end of a line is CR LF, and nothing else is wrong with it. */
static bool
ends_in_cr(struct piece line)
{
	return line.n > 0 && line.bytes[line.n - 1] == '\r' &&
	    piece_span(line, PIECE_IN_FIELD) == line.n - 1;
}

/* Takes the next line, without its end. */
static struct piece
take_line(struct configline *lines)
{
	struct piece line = {
		lines->text.bytes + lines->at,
		lines->text.n - lines->at,
	};
	const char *end = memchr(line.bytes, '\n', line.n);

	if (end != NULL)
		line.n = (size_t)(end - line.bytes);
	lines->at += line.n + (end != NULL ? 1 : 0);
	lines->number++;
	return line;
}

/* At the first blank; a line has none at its ends. */
static struct configline_pair
split(struct piece line)
{
	struct configline_pair pair = { .name = line };
	size_t n = 0;

	while (n < line.n && line.bytes[n] != ' ' && line.bytes[n] != '\t')
		n++;
	pair.name.n = n;
	pair.value = (struct piece){ line.bytes + n, line.n - n };
	pair.value = piece_trimmed(pair.value);
	return pair;
}

int
configline_next(struct configline *lines, struct configline_pair *ret_pair)
{
	while (lines->at < lines->text.n) {
		struct piece line = take_line(lines);

		if (line.n > CONFIGLINE_BYTES)
			return -EMSGSIZE;
		if (has_control(line))
			return ends_in_cr(line) ? -EILSEQ : -EBADMSG;
		line = piece_trimmed(line);
		if (line.n == 0 || line.bytes[0] == '#')
			continue;
		*ret_pair = split(line);
		return 1;
	}
	return 0;
}

const char *
configline_fault(struct piece value)
{
	if (value.n > 0 && value.bytes[0] == '=')
		return "write no = between an option and its value";
	if (value.n > 1 && (value.bytes[0] == '"' || value.bytes[0] == '\'') &&
	    value.bytes[value.n - 1] == value.bytes[0])
		return "write the value without quotes";
	return NULL;
}

bool
configline_may_hold(const struct configline_pair *pair)
{
	/* The blank between them takes a byte. */
	return pair->value.n > 0 &&
	    pair->name.n + 1 + pair->value.n <= CONFIGLINE_BYTES &&
	    piece_trimmed(pair->value).n == pair->value.n &&
	    !has_control(pair->value);
}
