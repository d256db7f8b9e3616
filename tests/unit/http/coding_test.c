/* SPDX-License-Identifier: MIT */
/* Content codings: what a client takes, and in which order. */
#include "http/coding.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "http/parser.h"

/* What Accept-Encoding says, and which codings are looked for, in order. */
static const struct {
	const char *accept;
	const char *choice;
	const char *shows;
} cases[] = {
	{ "gzip", "gzip", "one" },
	{ "gzip, deflate, br, zstd", "br zstd gzip", "what browsers say" },
	{ "GZIP", "gzip", "in capitals" },
	{ "x-gzip", "gzip", "by its old name" },
	{ "gzip;q=1.0, br;q=0.5, zstd;q=0.8", "gzip zstd br", "by quality" },
	{ "gzip;q=0.123, br;q=0.124", "br gzip", "three decimals" },
	{ "gzip ; q=0.5 , br ;\tQ=0.6", "br gzip", "blanks, a capital" },
	{ "*", "br zstd gzip", "anything" },
	{ "gzip, *;q=0.5", "gzip br zstd", "one better than the others" },
	{ "br;q=0, *", "zstd gzip", "all but one" },
	{ "gzip;q=0", "", "not this" },
	{ "gzip;q=0.000", "", "not this, at length" },
	{ "*;q=0", "", "not anything" },
	{ "identity", "", "the thing itself" },
	{ "gzip;q=0.5, identity", "", "rather the thing itself" },
	{ "gzip;q=0.5, identity;q=0.5", "gzip", "either" },
	{ "gzip, identity;q=0", "gzip", "not the thing itself" },
	{ "deflate, compress", "", "others" },
	{ "gzip, gzip;q=0", "gzip", "what was said first" },
	{ "", "", "nothing" },
	{ ",,gzip,", "gzip", "empty elements" },
	{ "gzip;q=2", "", "too large a quality" },
	{ "gzip;q=1.001", "", "slightly too large" },
	{ "gzip;q=0.1234", "", "four decimals" },
	{ "gzip;q=", "", "no quality" },
	{ "gzip;q=.5", "", "no zero" },
	{ "gzip;q=-1", "", "below zero" },
	{ "gzip;q=1.", "gzip", "a point at the end" },
	{ "gzip;q=0.5;x", "", "another parameter behind" },
	{ "gzip;level=9", "", "another parameter" },
	{ "gzip q=1", "", "no semicolon" },
	{ "gzip/1", "", "not a token" },
	{ ";q=1", "", "no name" },
	{ "br, gzip;q=x", "", "a bad end spoils it all" },
};

static void
write_choice(char *to, size_t size, const char *head)
{
	enum coding choice[CODING_COUNT];
	struct request request = { 0 };
	size_t n = strlen(head);
	size_t count;
	size_t i;
	const char *copy = guard_copy(head, n);

	assert_int_equal(request_parse(&request, copy, n), n);
	count = coding_choose(choice, &request, copy);
	to[0] = '\0';
	for (i = 0; i < count; i++) {
		size_t at = strlen(to);

		(void)snprintf(to + at, size - at, "%s%s", i > 0 ? " " : "",
		    coding_name(choice[i]));
	}
}

static void
each_client_gets_what_it_takes(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char head[400];
		char written[100];

		(void)snprintf(head, sizeof(head),
		    "GET / HTTP/1.0\r\nAccept-Encoding: %s\r\n\r\n",
		    cases[i].accept);
		write_choice(written, sizeof(written), head);
		if (strcmp(written, cases[i].choice) != 0)
			fail_msg("%s: %s", cases[i].shows, written);
	}
	(void)state;
}

static void
several_lines_are_one_list(void **state)
{
	char written[100];

	write_choice(written, sizeof(written),
	    "GET / HTTP/1.0\r\nAccept-Encoding: gzip;q=0.5\r\nX: y\r\n"
	    "accept-encoding: br;q=0.4\r\n\r\n");
	assert_string_equal(written, "gzip br");
	write_choice(written, sizeof(written), "GET / HTTP/1.0\r\n\r\n");
	assert_string_equal(written, "");
	(void)state;
}

static void
what_is_dense_is_not_compressed_again(void **state)
{
	assert_true(coding_may_help("text/html; charset=utf-8"));
	assert_true(coding_may_help("image/svg+xml"));
	assert_true(coding_may_help("application/octet-stream"));
	assert_false(coding_may_help("image/png"));
	assert_false(coding_may_help("video/mp4"));
	assert_false(coding_may_help("font/woff2"));
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_client_gets_what_it_takes),
		cmocka_unit_test(several_lines_are_one_list),
		cmocka_unit_test(what_is_dense_is_not_compressed_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
