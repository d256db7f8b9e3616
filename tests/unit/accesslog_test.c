/* SPDX-License-Identifier: MIT */
/* Lines of the access log. */
#include "../../ezhttpd/accesslog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(784111777)
#define TIME " - - [06/Nov/1994:08:49:37 +0000] "

/* The line for a request of that head, answered with 200 and 5 bytes. */
static const char *
line_from(const char *peer_text, const char *head)
{
	static char line[ACCESSLOG_SIZE];
	struct request request = { 0 };

	(void)request_parse(&request, head, strlen(head));
	accesslog_format(line,
	    &(struct accesslog_entry){
		.peer_text = peer_text,
		.now_s = NOW,
		.head = head,
		.request = &request,
		.status = 200,
		.body_bytes = 5,
	    });
	return line;
}

static const char *
line_of(const char *head)
{
	return line_from("192.0.2.1", head);
}

static void
a_local_peer_is_one_word(void **state)
{
	assert_string_equal(line_from("uid 1000", "GET / HTTP/1.0\r\n\r\n"),
	    "uid:1000" TIME "\"GET / HTTP/1.0\" 200 5 \"-\" \"-\"");
	(void)state;
}

static void
a_line_has_the_combined_format(void **state)
{
	assert_string_equal(line_of(
				"GET /x?y HTTP/1.1\r\nHost: a\r\nReferer: r\r\n"
				"User-Agent: u v\r\n\r\n"),
	    "192.0.2.1" TIME "\"GET /x?y HTTP/1.1\" 200 5 \"r\" \"u v\"");
	assert_string_equal(line_of("\x16"),
	    "192.0.2.1" TIME "\"-\" 200 5 \"-\" \"-\"");
	(void)state;
}

static void
quotes_do_not_end_a_part(void **state)
{
	assert_string_equal(
	    line_of("GET / HTTP/1.0\r\nUser-Agent: a\" \\\"b\r\n\r\n"),
	    "192.0.2.1" TIME
	    "\"GET / HTTP/1.0\" 200 5 \"-\" \"a\\\" \\\\\\\"b\"");
	(void)state;
}

static void
the_longest_line_fits_whole(void **state)
{
	static char head[REQUEST_HEAD_BYTES + 1];
	struct text text;
	const char *line;
	int i;

	text_init(&text, head, sizeof(head) - 1);
	text_put_string(&text, "GET /");
	for (i = 0; i < 3000; i++)
		text_put(&text, "\\", 1);
	text_put_string(&text, " HTTP/1.0\r\nReferer: ");
	for (i = 0; i < 3000; i++)
		text_put(&text, "\"", 1);
	text_put_string(&text, "\r\nUser-Agent: ");
	for (i = 0; i < 3000; i++)
		text_put(&text, "\"", 1);
	text_put_string(&text, "\r\n\r\n");
	line = line_of(head);
	assert_true(strlen(line) > 3000);
	assert_true(strlen(line) < ACCESSLOG_SIZE);
	assert_string_equal(line + strlen(line) - 3, "\\\"\"");
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_the_combined_format),
		cmocka_unit_test(a_local_peer_is_one_word),
		cmocka_unit_test(quotes_do_not_end_a_part),
		cmocka_unit_test(the_longest_line_fits_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
