/* SPDX-License-Identifier: MIT */
/* Strings of JSON. */
#include "common/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "random.h"
#include "strictjson.h"

#define BYTES_MOST 40
#define WRITTEN_MOST (JSON_ROOM * BYTES_MOST + 2)

static char written[WRITTEN_MOST + 1];

static const char *
write_string(const char *bytes, size_t n, size_t most)
{
	struct piece piece = { guard_copy(bytes, n), n };
	struct text text;

	text_init(&text, written, WRITTEN_MOST);
	json_put_string(&text, piece, most);
	assert_false(text.is_cut);
	written[text.n] = '\0';
	assert_int_equal(strlen(written), text.n);
	return written;
}

static void
every_character_is_printable_ascii(void **state)
{
	static const struct {
		const char *bytes;
		const char *string;
		const char *shows;
	} cases[] = {
		{ "", "\"\"", "none" },
		{ "a b~", "\"a b~\"", "as they are" },
		{ "\"\\/", "\"\\\"\\\\/\"", "what would end it" },
		{ "\n\x1b\x7f", "\"\\u000a\\u001b\\u007f\"", "control bytes" },
		{ "\xc3\xa4\xe2\x82\xac", "\"\\u00e4\\u20ac\"", "UTF-8" },
		{ "\xc2\x80\xdf\xbf", "\"\\u0080\\u07ff\"", "of two bytes" },
		{ "\xe0\xa0\x80\xef\xbf\xbf", "\"\\u0800\\uffff\"",
		    "of three bytes" },
		{ "\xed\x9f\xbf\xee\x80\x80", "\"\\ud7ff\\ue000\"",
		    "around the surrogates" },
		{ "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
		    "\"\\ud800\\udc00\\udbff\\udfff\"", "of four bytes" },
		{ "\xf0\x9f\x98\x80", "\"\\ud83d\\ude00\"", "a face" },
		{ "\x80z\xff", "\"\\ufffdz\\ufffd\"", "no UTF-8" },
		{ "\xc0\xaf", "\"\\ufffd\\ufffd\"", "overlong, of two" },
		{ "\xe0\x9f\xbf", "\"\\ufffd\\ufffd\\ufffd\"",
		    "overlong, of three" },
		{ "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"", "a surrogate" },
		{ "\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"",
		    "too large" },
		{ "\xe2\x82z", "\"\\ufffdz\"", "broken off" },
		{ "\xf0\x9f\x98", "\"\\ufffd\"", "broken off by the end" },
		{ "\xf0\x9f\xc3\xa4", "\"\\ufffd\\u00e4\"",
		    "broken off by another" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t n = strlen(cases[i].bytes);

		(void)write_string(cases[i].bytes, n, JSON_ALL);
		if (strcmp(written, cases[i].string) != 0)
			fail_msg("%s: %s", cases[i].shows, written);
	}
	assert_string_equal(write_string("\0a", 2, JSON_ALL), "\"\\u0000a\"");
	(void)state;
}

/*
 * The character that begins with these bytes, by the arithmetic of RFC 3629
 * and not by a table; U+FFFD where they are none.
 */
static uint32_t
character_of(const unsigned char bytes[4])
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t character = bytes[0];
	unsigned length = 0;
	unsigned i;

	if (bytes[0] < 0x80)
		return bytes[0];
	while ((bytes[0] << length & 0x80) != 0)
		length++;
	if (length < 2 || length > 4)
		return 0xfffd;
	character &= 0xffU >> (length + 1);
	for (i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80)
			return 0xfffd;
		character = character << 6 | (bytes[i] & 0x3fU);
	}
	if (character < least[length] || character > 0x10ffff ||
	    (character >= 0xd800 && character <= 0xdfff))
		return 0xfffd;
	return character;
}

static void
assert_begins_with(const unsigned char bytes[4])
{
	uint32_t character = character_of(bytes);
	char expected[16];

	if (character >= 0x10000)
		(void)snprintf(expected, sizeof(expected), "\"\\u%04x\\u%04x",
		    0xd7c0 + (character >> 10), 0xdc00 | (character & 0x3ff));
	else
		(void)snprintf(expected, sizeof(expected), "\"\\u%04x",
		    character);
	(void)write_string((const char *)bytes, 4, JSON_ALL);
	if (strncmp(written, expected, strlen(expected)) != 0)
		fail_msg("%02x %02x %02x %02x: %s", bytes[0], bytes[1],
		    bytes[2], bytes[3], written);
}

/* All first bytes, with the last and first of what may follow, or may not. */
static void
every_form_of_utf_8_is_told_from_what_is_none(void **state)
{
	static const unsigned char edges[] = { 0x7f, 0x80, 0x8f, 0x90, 0x9f,
		0xa0, 0xbf, 0xc0 };
	static const unsigned char ends[] = { 0x7f, 0x80, 0xbf, 0xc0 };
	unsigned first, i, j, k;

	for (first = 0x80; first < 0x100; first++)
		for (i = 0; i < sizeof(edges); i++)
			for (j = 0; j < sizeof(ends); j++)
				for (k = 0; k < sizeof(ends); k++)
					assert_begins_with(
					    (const unsigned char[]){
						(unsigned char)first, edges[i],
						ends[j], ends[k] });
	(void)state;
}

static void
a_cut_leaves_whole_characters(void **state)
{
	static const char bytes[] = "a\"\xc3\xa4\xf0\x9f\x98\x80";
	static const struct {
		size_t most;
		const char *string;
	} cases[] = {
		{ 0, "\"\"" },
		{ 1, "\"a\"" },
		{ 2, "\"a\"" },
		{ 3, "\"a\\\"\"" },
		{ 8, "\"a\\\"\"" },
		{ 9, "\"a\\\"\\u00e4\"" },
		{ 20, "\"a\\\"\\u00e4\"" },
		{ 21, "\"a\\\"\\u00e4\\ud83d\\ude00\"" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(
		    write_string(bytes, sizeof(bytes) - 1, cases[i].most),
		    cases[i].string);
	(void)state;
}

/* Bytes of all kinds, those that begin or go on with characters above all. */
static char
any_byte(struct random_stream *stream)
{
	static const unsigned char edges[] = { 0x22, 0x5c, 0x7f, 0x80, 0x8f,
		0x90, 0x9f, 0xa0, 0xbf, 0xc2, 0xe0, 0xed, 0xef, 0xf0, 0xf4 };

	if (random_below(stream, 4) == 0)
		return (char)random_below(stream, 256);
	return (char)edges[random_below(stream, sizeof(edges))];
}

static void
any_bytes_make_a_good_string_within_its_bounds(void **state)
{
	struct random_stream stream = { 1 };
	int round;

	for (round = 0; round < 20000; round++) {
		char bytes[BYTES_MOST] = "";
		size_t n = random_below(&stream, BYTES_MOST + 1);
		size_t most = random_below(&stream, WRITTEN_MOST);
		size_t i;

		for (i = 0; i < n; i++)
			bytes[i] = any_byte(&stream);
		(void)write_string(bytes, n, most);
		assert_true(strlen(written) <= most + 2);
		assert_true(strictjson_is_good(written, strlen(written)));
	}
	(void)state;
}

static void
the_checker_finds_what_is_wrong(void **state)
{
	static const char *const good[] = { "\"\"", "[]", "{}", "0", "10",
		"null", "{\"a\":[1,{\"b\":null}]}",
		"[\n\"\\ud83d\\ude00\"\n]\n", "\"\\n\\/\"" };
	static const char *const bad[] = { "", "\"", "[", "{\"a\"}", "[1,]",
		"01", "nul", "1 1", "\"\\x1b\"", "\"\\u12\"", "\"\\ud83d\"",
		"\"\\ud83dx\"", "\"\\ude00\"", "\"\\ud83d\\u0041\"", "\"\n\"",
		"\"\x7f\"", "\"\xc3\xa4\"", "{a:1}", "\"a\"b\"", "{\"a\":1,}" };
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (!strictjson_is_good(good[i], strlen(good[i])))
			fail_msg("refused: %s", good[i]);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (strictjson_is_good(bad[i], strlen(bad[i])))
			fail_msg("let pass: %s", bad[i]);
	}
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_character_is_printable_ascii),
		cmocka_unit_test(every_form_of_utf_8_is_told_from_what_is_none),
		cmocka_unit_test(a_cut_leaves_whole_characters),
		cmocka_unit_test(
		    any_bytes_make_a_good_string_within_its_bounds),
		cmocka_unit_test(the_checker_finds_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
