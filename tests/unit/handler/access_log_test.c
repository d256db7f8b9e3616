/* SPDX-License-Identifier: MIT */
/* Lines of the access log. */
#include "handler/access_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "http/parser.h"
#include "random.h"
#include "strictjson.h"

#define NOW INT64_C(784111777)
#define TIME " - - [06/Nov/1994:08:49:37 +0000] "

/* As many bytes as there may be; and a user whose every byte is encoded. */
#define TEN "          "
#define LONGEST_USER TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define LONGEST_PEER "2001:db8:1234:1234:1234:1234:1234:1234%interface"

/* The line for a request of that head, answered with 200 and 5 bytes. */
static const char *
line_from(const char *peer_text, const char *user, const char *head)
{
	static char line[ACCESSLOG_SIZE];
	struct request request = { 0 };

	(void)request_parse(&request, head, strlen(head));
	accesslog_format(line,
	    &(struct accesslog_entry){
		.peer_text = peer_text,
		.user = user,
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
	return line_from("192.0.2.1", NULL, head);
}

static void
a_local_peer_is_one_word(void **state)
{
	assert_string_equal(
	    line_from("uid 1000", NULL, "GET / HTTP/1.0\r\n\r\n"),
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
	line = line_from(LONGEST_PEER, LONGEST_USER, head);
	assert_true(strlen(line) > 3900);
	assert_true(strlen(line) < ACCESSLOG_SIZE);
	assert_string_equal(line + strlen(line) - 3, "\\\"\"");
	(void)state;
}

/* --- users -------------------------------------------------------------- */

static const char *
line_of_user(const char *user)
{
	return line_from("192.0.2.1", user, "\x16");
}

static void
a_user_is_one_word(void **state)
{
	static const struct {
		const char *user;
		const char *word;
	} cases[] = {
		{ NULL, "-" },
		{ "-", "%2D" },
		{ "", "\"\"" },
		{ "bob", "bob" },
		{ "a+b_c!", "a+b_c!" },
		{ "a b", "a%20b" },
		{ "50%", "50%25" },
		{ "a] \"\n", "a%5D%20%22%0A" },
		{ "\xc3\xa4@b", "%C3%A4%40b" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char line[200];
		struct text text;

		text_init(&text, line, sizeof(line) - 1);
		text_put_string(&text, "192.0.2.1 - ");
		text_put_string(&text, cases[i].word);
		text_put_string(&text,
		    " [06/Nov/1994:08:49:37 +0000] \"-\" 200 5 \"-\" \"-\"");
		line[text.n] = '\0';
		assert_string_equal(line_of_user(cases[i].user), line);
	}
	(void)state;
}

static void
a_long_user_is_cut_between_bytes(void **state)
{
	char user[200];
	const char *line;
	const char *end;

	memset(user, ' ', sizeof(user) - 1);
	user[sizeof(user) - 1] = '\0';
	memcpy(user, "ab", 2);
	line = line_of_user(user);
	end = strstr(line, " [");
	assert_non_null(end);
	assert_memory_equal(end - 4, "0%20", 4);
	/* 2 and 96: of 100 there is no room for one more. */
	assert_int_equal(end - line, strlen("192.0.2.1 - ") + 98);
	(void)state;
}

/* --- JSON --------------------------------------------------------------- */

#define JSON_START "{\"time\":\"1994-11-06T08:49:37Z\",\"peer\":\"192.0.2.1\","

/* The line for the `n` bytes of a head, from that user. */
static const char *
json_of(const char *head, size_t n, const char *user)
{
	static char line[ACCESSLOG_SIZE];
	struct request request = { 0 };

	(void)request_parse(&request, head, n);
	accesslog_format_json(line,
	    &(struct accesslog_entry){
		.peer_text = "192.0.2.1",
		.user = user,
		.now_s = NOW,
		.head = head,
		.request = &request,
		.status = 200,
		.body_bytes = 17,
	    });
	return line;
}

static void
a_line_of_json_has_all_its_members(void **state)
{
	static const struct {
		const char *head;
		const char *user;
		const char *line;
	} cases[] = {
		{ "GET /?\x7f HTTP/1.1\r\n\r\n", NULL,
		    JSON_START "\"user\":null,\"host\":null,"
			       "\"request\":\"GET /?\","
			       "\"status\":200,\"bytes\":17,"
			       "\"referer\":null,\"user_agent\":null}" },
		{ "GET / HTTP/1.1\r\nHost: example.org\r\nReferer: \r\n"
		  "User-Agent: a\"\\\x80\r\n\r\n",
		    "a \xc3\xa4",
		    JSON_START "\"user\":\"a \\u00e4\","
			       "\"host\":\"example.org\","
			       "\"request\":\"GET / HTTP/1.1\","
			       "\"status\":200,\"bytes\":17,"
			       "\"referer\":\"\","
			       "\"user_agent\":\"a\\\"\\\\\\ufffd\"}" },
		{ "GET /?\xc3\xa4 HTTP/1.0\r\n\r\n", NULL,
		    JSON_START "\"user\":null,\"host\":null,"
			       "\"request\":\"GET /?\\u00e4 HTTP/1.0\","
			       "\"status\":200,\"bytes\":17,"
			       "\"referer\":null,\"user_agent\":null}" },
		{ "GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", NULL,
		    JSON_START "\"user\":null,\"host\":\"b\","
			       "\"request\":\"GET http://b/ HTTP/1.1\","
			       "\"status\":200,\"bytes\":17,"
			       "\"referer\":null,\"user_agent\":null}" },
		{ "GET http://a:1/ HTTP/1.0\r\n\r\n", "",
		    JSON_START "\"user\":\"\",\"host\":\"a:1\","
			       "\"request\":\"GET http://a:1/ HTTP/1.0\","
			       "\"status\":200,\"bytes\":17,"
			       "\"referer\":null,\"user_agent\":null}" },
		{ "\x16", NULL,
		    JSON_START "\"user\":null,\"host\":null,"
			       "\"request\":null,"
			       "\"status\":200,\"bytes\":17,"
			       "\"referer\":null,\"user_agent\":null}" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(json_of(cases[i].head,
					strlen(cases[i].head), cases[i].user),
		    cases[i].line);
	(void)state;
}

/* A head whose parts are all as long as `n` times `part`. */
static size_t
put_long_head(struct text *text, const char *part, int n)
{
	static const char *const starts[] = { "GET /?",
		" HTTP/1.1\r\nHost: ", "\r\nReferer: ", "\r\nUser-Agent: " };
	size_t k;

	for (k = 0; k < sizeof(starts) / sizeof(starts[0]); k++) {
		int i;

		text_put_string(text, starts[k]);
		for (i = 0; i < n; i++)
			text_put_string(text, part);
	}
	text_put_string(text, "\r\n\r\n");
	assert_false(text->is_cut);
	return text->n;
}

static void
the_longest_line_of_json_is_a_good_one(void **state)
{
	static const char *const parts[] = { "a", "\"", "\\", "\x80",
		"\xf0\x9f\x98\x80", "~\x80" };
	static char head[REQUEST_HEAD_BYTES];
	size_t i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		static char line[ACCESSLOG_SIZE];
		struct request request = { 0 };
		struct text text;
		char user[1000] = "";
		size_t n;

		text_init(&text, head, sizeof(head));
		n = put_long_head(&text, parts[i],
		    (int)(3000 / strlen(parts[i])));
		memset(user, parts[i][0], sizeof(user) - 1);
		(void)request_parse(&request, head, n);
		/* Where it is refused at its line, there are no fields. */
		request.line = (struct request_span){ 0, 3000 };
		request.field[REQUEST_HOST] = (struct request_span){ 9, 3000 };
		request.field[REQUEST_REFERER] = request.field[REQUEST_HOST];
		request.field[REQUEST_USER_AGENT] = request.field[REQUEST_HOST];
		accesslog_format_json(line,
		    &(struct accesslog_entry){ .peer_text = user,
			.user = user,
			.now_s = INT64_MIN,
			.head = head,
			.request = &request,
			.status = -1,
			.body_bytes = -1 });
		assert_true(strlen(line) > 3800);
		assert_true(strictjson_is_good(line, strlen(line)));
	}
	(void)state;
}

/* A head that is read to its end, with bytes of any kind in it. */
static size_t
make_head(struct random_stream *stream, char *head, size_t size)
{
	static const char *const parts[] = { "GET / HTTP/1.1\r\n",
		"Host: ", "Referer: ", "User-Agent: ", "\r\n", "\r\n\r\n", "\"",
		"\\u", "\xf0\x9f\x98\x80", "\xe2\x82", "\x80", "\x7f",
		"http://" };
	const size_t count = sizeof(parts) / sizeof(parts[0]);
	struct text text;
	uint32_t n = random_below(stream, 40);

	text_init(&text, head, size);
	if (random_below(stream, 8) > 0)
		text_put_string(&text, "GET / HTTP/1.1\r\nUser-Agent: ");
	while (n-- > 0) {
		char byte = (char)random_below(stream, 256);

		if (random_below(stream, 3) == 0)
			text_put(&text, &byte, 1);
		else
			text_put_string(&text,
			    parts[random_below(stream, (uint32_t)count)]);
	}
	return text.n;
}

static void
any_head_makes_a_good_line_of_json(void **state)
{
	struct random_stream stream = { 2 };
	int round;

	for (round = 0; round < 20000; round++) {
		char head[1000];
		size_t n = make_head(&stream, head, sizeof(head));
		const char *line = json_of(head, n, NULL);

		if (!strictjson_is_good(line, strlen(line)))
			fail_msg("%s", line);
	}
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
		cmocka_unit_test(a_user_is_one_word),
		cmocka_unit_test(a_long_user_is_cut_between_bytes),
		cmocka_unit_test(a_line_of_json_has_all_its_members),
		cmocka_unit_test(the_longest_line_of_json_is_a_good_one),
		cmocka_unit_test(any_head_makes_a_good_line_of_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
