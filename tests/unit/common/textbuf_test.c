/* SPDX-License-Identifier: MIT */
/* Text put together in a buffer of fixed size. */
#include "common/textbuf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"

static void
assert_text(const struct text *text, const char *expected)
{
	assert_int_equal(text->n, strlen(expected));
	assert_memory_equal(text->bytes, expected, text->n);
}

static void
numbers_are_written(void **state)
{
	char bytes[100];
	struct text text;

	text_init(&text, bytes, sizeof(bytes));
	text_put_number(&text, 0);
	text_put(&text, " ", 1);
	text_put_number(&text, UINT64_MAX);
	text_put(&text, " ", 1);
	text_put_padded(&text, 7, 2);
	text_put_padded(&text, 123, 2);
	assert_text(&text, "0 18446744073709551615 07123");
	/* As wide as the largest number, and no wider. */
	text_init(&text, bytes, sizeof(bytes));
	text_put_padded(&text, 7, 20);
	text_put_padded(&text, 8, 30);
	assert_text(&text, "0000000000000000000700000000000000000008");
	(void)state;
}

static void
html_is_harmless(void **state)
{
	char bytes[100];
	struct text text;

	text_init(&text, bytes, sizeof(bytes));
	text_put_html(&text, "<a b='c\">&\xc3\xa4", 12);
	assert_text(&text, "&lt;a b=&#39;c&quot;&gt;&amp;\xc3\xa4");
	(void)state;
}

static void
urls_are_harmless(void **state)
{
	char bytes[100];
	struct text text;

	text_init(&text, bytes, sizeof(bytes));
	text_put_url(&text, "a/B.9-_~ :?#%\"<\r\n\xc3\xa4", 19);
	assert_text(&text, "a/B.9-_~%20%3A%3F%23%25%22%3C%0D%0A%C3%A4");
	(void)state;
}

static void
every_byte_but_the_unreserved_is_encoded(void **state)
{
	static const char unreserved[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	    "0123456789-._~/";
	char bytes[4];
	struct text text;
	int byte;

	for (byte = 1; byte < 256; byte++) {
		const char c = (char)byte;

		text_init(&text, bytes, sizeof(bytes));
		text_put_url(&text, &c, 1);
		assert_int_equal(text.n, strchr(unreserved, c) ? 1 : 3);
	}
	(void)state;
}

static void
what_fits_exactly_is_taken(void **state)
{
	struct text text;

	text_init(&text, guard_copy("....", 4), 4);
	text_put_string(&text, "abcd");
	assert_text(&text, "abcd");
	assert_false(text.is_cut);
	(void)state;
}

static void
what_does_not_fit_is_left_out_whole(void **state)
{
	struct text text;

	text_init(&text, guard_copy("....", 4), 4);
	text_put_string(&text, "abc");
	text_put_string(&text, "de");
	assert_text(&text, "abc");
	assert_true(text.is_cut);
	text_put_string(&text, "f");
	assert_text(&text, "abc");
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_written),
		cmocka_unit_test(html_is_harmless),
		cmocka_unit_test(urls_are_harmless),
		cmocka_unit_test(every_byte_but_the_unreserved_is_encoded),
		cmocka_unit_test(what_fits_exactly_is_taken),
		cmocka_unit_test(what_does_not_fit_is_left_out_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
