/* SPDX-License-Identifier: MIT */
/* Whatever the byte, one line of printable ASCII. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/escape.h"
#include "guard.h"

/* What one byte is to become. */
static void
expect(char text[TS_ESCAPE_ROOM(1) + 1], unsigned byte)
{
	if (byte >= ' ' && byte <= '~')
		(void)snprintf(text, TS_ESCAPE_ROOM(1) + 1, "%c", (int)byte);
	else
		(void)snprintf(text, TS_ESCAPE_ROOM(1) + 1, "\\x%02x", byte);
}

static void
writes_every_byte_as_it_should(void **state)
{
	char expected[TS_ESCAPE_ROOM(1) + 1];
	char out[TS_ESCAPE_ROOM(1)];

	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		char in = (char)byte;
		size_t n;

		expect(expected, byte);
		n = ts_escape(out, guard_copy(&in, 1), 1);
		assert_int_equal(n, strlen(expected));
		assert_memory_equal(out, expected, n);
	}
}

static void
never_needs_more_than_its_room(void **state)
{
	size_t size = 4095;
	char *in = malloc(size);
	char *out = malloc(TS_ESCAPE_ROOM(size));

	(void)state;
	assert_non_null(in);
	assert_non_null(out);
	memset(in, '\n', size);
	assert_int_equal(ts_escape(out, in, size), TS_ESCAPE_ROOM(size));
	assert_memory_equal(out, "\\x0a\\x0a", 8);
	free(in);
	free(out);
}

static void
takes_nothing_and_adds_nothing(void **state)
{
	char out[4] = "abc";

	(void)state;
	assert_int_equal(ts_escape(out, guard_copy("", 0), 0), 0);
	assert_string_equal(out, "abc");
	/* No end is added. */
	assert_int_equal(ts_escape(out, "x", 1), 1);
	assert_string_equal(out, "xbc");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_every_byte_as_it_should),
		cmocka_unit_test(never_needs_more_than_its_room),
		cmocka_unit_test(takes_nothing_and_adds_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
