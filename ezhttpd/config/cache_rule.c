/* SPDX-License-Identifier: MIT */
/* How long copies of a file may be kept, by its path; pure. */
#include "config/cache_rule.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "common/textbuf.h"

/* RFC 9111, 1.2.2: caches need not count further. */
#define AGE_MAX INT32_MAX

/* Seconds of a unit; 0 where it is none. */
static uint32_t
unit_s(struct piece unit)
{
	static const struct {
		char letter;
		uint32_t seconds;
	} units[] = {
		{ 's', 1 },
		{ 'm', 60 },
		{ 'h', 60 * 60 },
		{ 'd', 24 * 60 * 60 },
		{ 'w', 7 * 24 * 60 * 60 },
		{ 'y', 365 * 24 * 60 * 60 },
	};
	size_t i;

	if (unit.n == 0)
		return 1;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (unit.n == 1 && unit.bytes[0] == units[i].letter)
			return units[i].seconds;
	}
	return 0;
}

/* The seconds, or -1. */
static int64_t
age_of(struct piece age)
{
	uint64_t number = 0;
	size_t i = 0;

	for (; i < age.n && piece_is_digit(age.bytes[i]); i++) {
		number = number * 10 + (uint64_t)(age.bytes[i] - '0');
		if (number > AGE_MAX)
			return -1;
	}
	if (i == 0)
		return -1;
	age.bytes += i;
	age.n -= i;
	if (unit_s(age) == 0 || number * unit_s(age) > AGE_MAX)
		return -1;
	return (int64_t)(number * unit_s(age));
}

static int
put_age(struct text *text, struct piece age)
{
	static const struct piece words[] = {
		PIECE_OF("no-cache"),
		PIECE_OF("no-store"),
	};
	int64_t seconds;

	if (piece_equals(age, words[0]) || piece_equals(age, words[1])) {
		text_put(text, age.bytes, age.n);
		return 0;
	}
	seconds = age_of(age);
	if (seconds < 0)
		return -EBADMSG;
	text_put_string(text, "max-age=");
	text_put_number(text, (uint64_t)seconds);
	return 0;
}

int
cacherule_parse(struct cacherule *ret_rule, const char *word)
{
	static const struct piece immutable = PIECE_OF("immutable");
	const char *equals = strrchr(word, '=');
	struct cacherule rule = { 0 };
	struct piece rest;
	struct piece age;
	struct text text;
	bool has_more;

	if (equals == NULL)
		return -EBADMSG;
	rest = (struct piece){ equals + 1, strlen(equals + 1) };
	age = rest;
	has_more = piece_split(&rest, ',', &age);
	if (has_more && !piece_equals(rest, immutable))
		return -EBADMSG;
	text_init(&text, rule.value, sizeof(rule.value) - 1);
	if (put_age(&text, age) < 0)
		return -EBADMSG;
	if (has_more)
		text_put_string(&text, ", immutable");
	/* Paths here have no slash in front. */
	while (*word == '/')
		word++;
	rule.pattern = (struct piece){ word, (size_t)(equals - word) };
	if (word >= equals)
		return -EBADMSG;
	*ret_rule = rule;
	return 0;
}
