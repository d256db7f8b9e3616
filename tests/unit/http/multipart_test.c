/* SPDX-License-Identifier: MIT */
/* Several ranges in one body. */
#include "http/multipart.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void
a_body_is_as_long_as_it_says(void **state)
{
	const struct ranges ranges = { 2, { { 0, 3 }, { 500, 7 } } };
	struct multipart multipart;
	char bytes[2000];
	char expected[2000];
	struct text text;

	multipart_init(&multipart, 1);
	multipart.part_type = "text/css";
	multipart.total = 1000;
	multipart.ranges = &ranges;
	text_init(&text, bytes, sizeof(bytes) - 1);
	multipart_put_head(&text, &multipart, 0);
	text_put_string(&text, "abc");
	multipart_put_head(&text, &multipart, 1);
	text_put_string(&text, "defghij");
	multipart_put_end(&text, &multipart);
	bytes[text.n] = '\0';
	(void)snprintf(expected, sizeof(expected),
	    "--%.24s\r\nContent-Type: text/css\r\n"
	    "Content-Range: bytes 0-2/1000\r\n\r\nabc\r\n"
	    "--%.24s\r\nContent-Type: text/css\r\n"
	    "Content-Range: bytes 500-506/1000\r\n\r\ndefghij\r\n"
	    "--%.24s--\r\n",
	    multipart.boundary, multipart.boundary, multipart.boundary);
	assert_string_equal(bytes, expected);
	assert_int_equal(multipart_length(&multipart), text.n);
	(void)state;
}

static void
the_boundary_follows_from_the_seed(void **state)
{
	struct multipart one;
	struct multipart other;

	multipart_init(&one, 1);
	multipart_init(&other, 2);
	assert_memory_not_equal(one.boundary, other.boundary,
	    MULTIPART_BOUNDARY_BYTES);
	assert_ptr_equal(strstr(one.type, "multipart/byteranges; boundary="),
	    one.type);
	assert_memory_equal(one.type + strlen(one.type) -
		MULTIPART_BOUNDARY_BYTES,
	    one.boundary, MULTIPART_BOUNDARY_BYTES);
	(void)state;
}

static void
the_longest_part_head_fits(void **state)
{
	const struct ranges ranges = { 2, { { 0, 1 }, { INT64_MAX - 9, 9 } } };
	char type[256];
	struct multipart multipart;
	char bytes[MULTIPART_HEAD_BYTES];
	struct text text;

	memset(type, 'x', sizeof(type) - 1);
	type[sizeof(type) - 1] = '\0';
	multipart_init(&multipart, 1);
	multipart.part_type = type;
	multipart.total = INT64_MAX;
	multipart.ranges = &ranges;
	text_init(&text, bytes, sizeof(bytes));
	multipart_put_head(&text, &multipart, 1);
	assert_false(text.is_cut);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_body_is_as_long_as_it_says),
		cmocka_unit_test(the_boundary_follows_from_the_seed),
		cmocka_unit_test(the_longest_part_head_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
