/* SPDX-License-Identifier: MIT */
/* Names and passwords as they come. */
#include "auth/credentials.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"

static const struct {
	const char *value;
	/* NULL: not good. */
	const char *name;
	const char *password;
} values[] = {
	/* RFC 7617, 2. */
	{ "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame" },
	{ "bAsIc QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Aladdin", "open sesame" },
	{ "Basic dGVzdDoxMjPCow==", "test", "123\xc2\xa3" },
	{ "Basic YTpiOmM=", "a", "b:c" },
	{ "Basic   YTpiOmM=", "a", "b:c" },
	{ "Basic Og==", "", "" },
	{ "Basic YTo=", "a", "" },
	{ "Basic ", NULL, NULL },
	{ "Basic", NULL, NULL },
	{ "", NULL, NULL },
	{ "Bearer YTpiOmM=", NULL, NULL },
	{ "BasicYTpiOmM=", NULL, NULL },
	/* No colon. */
	{ "Basic YWI=", NULL, NULL },
	/* Not padded, padded within, not its alphabet. */
	{ "Basic YTo", NULL, NULL },
	{ "Basic YTo=YTo=", NULL, NULL },
	{ "Basic YT==", NULL, NULL },
	{ "Basic Y===", NULL, NULL },
	{ "Basic ====", NULL, NULL },
	{ "Basic YTp_", NULL, NULL },
	{ "Basic YT pi", NULL, NULL },
	/* Bits that mean nothing. */
	{ "Basic YTp=", NULL, NULL },
	{ "Basic Oh==", NULL, NULL },
	{ "Basic YTq=", NULL, NULL },
	{ "Basic Oo==", NULL, NULL },
	{ "Basic YTpiYTp=", NULL, NULL },
	/* A 0, a newline. */
	{ "Basic YToA", NULL, NULL },
	{ "Basic YToK", NULL, NULL },
};

static void
each_value_is_read_or_refused(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		const size_t n = strlen(values[i].value);
		struct piece value = { guard_copy(values[i].value, n), n };
		struct credentials found;
		int r = credentials_parse(&found, value);

		if ((r == 0) != (values[i].name != NULL))
			fail_msg("%s: %d", values[i].value, r);
		if (r < 0)
			continue;
		assert_string_equal(found.name, values[i].name);
		assert_string_equal(found.password, values[i].password);
	}
	(void)state;
}

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			       "abcdefghijklmnopqrstuvwxyz0123456789+/";

/* What four characters without padding are, by the table above; or false. */
static bool
decoded(const char four[4], unsigned char ret_bytes[3])
{
	uint32_t bits = 0;
	int i;

	for (i = 0; i < 4; i++) {
		const char *at =
		    memchr(alphabet, four[i], sizeof(alphabet) - 1);

		if (at == NULL)
			return false;
		bits = bits << 6 | (uint32_t)(at - alphabet);
	}
	for (i = 0; i < 3; i++)
		ret_bytes[i] = (unsigned char)(bits >> (16 - 8 * i));
	return true;
}

static bool
is_text(const unsigned char *bytes, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (bytes[i] < 0x20 || bytes[i] == 0x7f)
			return false;
	}
	return true;
}

/* Every byte in every place of "a:bc:d", coded. */
static void
each_character_has_its_value(void **state)
{
	unsigned c, place;

	for (place = 0; place < 8; place++) {
		for (c = 0; c < 256; c++) {
			char text[] = "Basic YTpiYzpk";
			unsigned char bytes[7] = "";
			const char *colon;
			struct credentials found;
			bool is_good;
			int r;

			if (c == '=')
				continue;
			text[6 + place] = (char)c;
			is_good = decoded(text + 6, bytes) &&
			    decoded(text + 10, bytes + 3) && is_text(bytes, 6);
			colon = strchr((const char *)bytes, ':');
			r = credentials_parse(&found,
			    (struct piece){ guard_copy(text, 14), 14 });
			/* Leading blanks are not part of it. */
			if (place == 0 && (c == ' ' || c == '\t'))
				continue;
			assert_int_equal(r == 0, is_good && colon != NULL);
			if (r < 0)
				continue;
			assert_memory_equal(found.name, bytes,
			    (size_t)(colon - (const char *)bytes));
			assert_string_equal(found.password, colon + 1);
		}
	}
	(void)state;
}

/* "Basic " and as many `four`, then `last`. */
static int
parse_long(const char *four, unsigned count, const char *last)
{
	static char text[4096];
	struct credentials found;
	size_t n = 6;
	unsigned i;

	memcpy(text, "Basic ", n);
	for (i = 0; i < count; i++, n += 4)
		memcpy(text + n, four, 4);
	memcpy(text + n, last, strlen(last));
	n += strlen(last);
	return credentials_parse(&found, (struct piece){ text, n });
}

static void
lengths_have_a_bound(void **state)
{
	char longest[4 * 171 + 1] = "OmFh";
	size_t n;

	/* ":aa", then "aaa" 169 times, then "aa". */
	for (n = 4; n < 4 * 170; n += 4)
		memcpy(longest + n, "YWFh", 4);
	memcpy(longest + n, "YWE=", 5);
	/* "aaa", then "a:". */
	assert_int_equal(parse_long("YWFh", 84, "YTo="), 0);
	assert_int_equal(parse_long("YWFh", 85, "Og=="), 0);
	assert_int_equal(parse_long("YWFh", 85, "YTo="), -EBADMSG);
	/* Colons: the first ends an empty name, 511 may follow. */
	assert_int_equal(parse_long("Ojo6", 170, "Ojo="), 0);
	assert_int_equal(parse_long("Ojo6", 171, ""), -EBADMSG);
	assert_int_equal(parse_long("Ojo6", 280, ""), -EBADMSG);
	assert_int_equal(parse_long("Ojo6", 900, ""), -EBADMSG);
	/* The longest name, "a" 255 times, with the longest password. */
	assert_int_equal(parse_long("YWFh", 85, longest), 0);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_value_is_read_or_refused),
		cmocka_unit_test(each_character_has_its_value),
		cmocka_unit_test(lengths_have_a_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
