/* SPDX-License-Identifier: MIT */
/* Heads of answers and small pages. */
#include "http/response.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOW INT64_C(784111777)
#define START "Server: ezhttpd\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n"

static const struct {
	struct response response;
	const char *head;
} heads[] = {
	{ { .status = 200,
	      .now_s = NOW,
	      .type = "text/css",
	      .length = 5,
	      .modified_s = 0,
	      .total = -1 },
	    "HTTP/1.1 200 OK\r\n" START
	    "Content-Type: text/css\r\nX-Content-Type-Options: nosniff\r\n"
	    "Content-Length: 5\r\n"
	    "Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n" },
	{ { .status = 304,
	      .now_s = NOW,
	      .length = -1,
	      .modified_s = -1,
	      .total = -1,
	      .is_last = true },
	    "HTTP/1.1 304 Not Modified\r\n" START "Connection: close\r\n\r\n" },
	{ { .status = 200,
	      .now_s = NOW,
	      .length = 0,
	      .modified_s = -1,
	      .total = -1,
	      .has_methods = true,
	      .is_old = true },
	    "HTTP/1.1 200 OK\r\n" START "Content-Length: 0\r\n"
	    "Allow: GET, HEAD, OPTIONS\r\nConnection: keep-alive\r\n\r\n" },
	{ { .status = 301,
	      .now_s = NOW,
	      .length = -1,
	      .modified_s = -1,
	      .total = -1,
	      .location = PIECE_OF("/"),
	      .path = "a b/\r\nX: y",
	      .has_slash = true,
	      .query = PIECE_OF("q=1"),
	      .is_old = true,
	      .is_last = true },
	    "HTTP/1.1 301 Moved Permanently\r\n" START
	    "Location: /a%20b/%0D%0AX%3A%20y/?q=1\r\n"
	    "Connection: close\r\n\r\n" },
	{ { .status = 301,
	      .now_s = NOW,
	      .length = -1,
	      .modified_s = -1,
	      .total = -1,
	      .location = PIECE_OF("https://example.org/new?x"),
	      .path = "" },
	    "HTTP/1.1 301 Moved Permanently\r\n" START
	    "Location: https://example.org/new?x\r\n\r\n" },
	{ { .status = 301,
	      .now_s = NOW,
	      .length = -1,
	      .modified_s = -1,
	      .total = -1,
	      .path = "",
	      .query = PIECE_OF("a=\xc3\"<\\{%41&b?/") },
	    "HTTP/1.1 301 Moved Permanently\r\n" START
	    "Location: ?a=%C3%22%3C%5C%7B%41&b?/\r\n\r\n" },
	{ { .status = 301,
	      .now_s = NOW,
	      .length = -1,
	      .modified_s = -1,
	      .total = -1,
	      .location = PIECE_OF("https://example.org/new?x"),
	      .path = "" },
	    "HTTP/1.1 301 Moved Permanently\r\n" START
	    "Location: https://example.org/new?x\r\n\r\n" },
	{ { .status = 401,
	      .now_s = NOW,
	      .length = -1,
	      .modified_s = -1,
	      .total = -1 },
	    "HTTP/1.1 401 Unauthorized\r\n" START
	    "WWW-Authenticate: Basic realm=\"files\", charset=\"UTF-8\"\r\n"
	    "\r\n" },
	{ { .status = 206,
	      .now_s = NOW,
	      .type = "text/css",
	      .length = 2,
	      .modified_s = 0,
	      .tag = PIECE_OF("\"a\""),
	      .coding = "br",
	      .is_negotiated = true,
	      .has_ranges = true,
	      .total = 10,
	      .range = { 3, 2 },
	      .policy = "p",
	      .cache = "no-cache" },
	    "HTTP/1.1 206 Partial Content\r\n" START
	    "Content-Type: text/css\r\nX-Content-Type-Options: nosniff\r\n"
	    "Content-Length: 2\r\n"
	    "Last-Modified: Thu, 01 Jan 1970 00:00:00 GMT\r\n"
	    "ETag: \"a\"\r\nContent-Encoding: br\r\n"
	    "Vary: Accept-Encoding\r\nCache-Control: no-cache\r\n"
	    "Accept-Ranges: bytes\r\nContent-Range: bytes 3-4/10\r\n"
	    "Content-Security-Policy: p\r\n\r\n" },
	{ { .status = 200,
	      .now_s = NOW,
	      .type = "application/json",
	      .length = 2,
	      .modified_s = -1,
	      .total = -1,
	      .has_forms = true,
	      .is_cut = true },
	    "HTTP/1.1 200 OK\r\n" START "Content-Type: application/json\r\n"
	    "X-Content-Type-Options: nosniff\r\nContent-Length: 2\r\n"
	    "Vary: Accept\r\nListing-Cut: ?1\r\n\r\n" },
	{ { .status = 416,
	      .now_s = NOW,
	      .length = -1,
	      .modified_s = -1,
	      .total = 10,
	      .fields = PIECE_OF("X: y\r\nZ:\r\n") },
	    "HTTP/1.1 416 Range Not Satisfiable\r\n" START
	    "Content-Range: bytes */10\r\nX: y\r\nZ:\r\n\r\n" },
	{ { .status = 404,
	      .now_s = NOW,
	      .length = -1,
	      .modified_s = -1,
	      .total = -1,
	      .has_cors = true },
	    "HTTP/1.1 404 Not Found\r\n" START
	    "Access-Control-Allow-Origin: *\r\n"
	    "Access-Control-Expose-Headers: *\r\n\r\n" },
	{ { .status = 503,
	      .now_s = NOW,
	      .length = -1,
	      .modified_s = -1,
	      .total = -1,
	      .policy = "none" },
	    "HTTP/1.1 503 Service Unavailable\r\n" START
	    "Content-Security-Policy: none\r\nRetry-After: 5\r\n\r\n" },
};

static void
each_head_is_written(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		char bytes[1000];
		struct text text;

		text_init(&text, bytes, sizeof(bytes) - 1);
		response_format(&text, &heads[i].response);
		bytes[text.n] = '\0';
		assert_string_equal(bytes, heads[i].head);
	}
	(void)state;
}

static void
every_page_fits(void **state)
{
	int status;

	for (status = 100; status < 600; status++) {
		char bytes[RESPONSE_PAGE_BYTES];
		struct text text;

		text_init(&text, bytes, sizeof(bytes));
		response_page(&text, status);
		assert_false(text.is_cut);
	}
	(void)state;
}

static void
a_page_has_a_sentence_and_a_link(void **state)
{
	char bytes[RESPONSE_PAGE_BYTES + 1];
	struct text text;

	text_init(&text, bytes, RESPONSE_PAGE_BYTES);
	response_page(&text, 404);
	bytes[text.n] = '\0';
	assert_non_null(strstr(bytes, "<meta name=viewport"));
	assert_non_null(strstr(bytes,
	    "<h1>404 Not Found</h1>\n"
	    "<p>There is no page at this address.</p>\n"
	    "<p><a href=\"/\">Start page</a></p>\n"));
	text_init(&text, bytes, RESPONSE_PAGE_BYTES);
	response_page(&text, 599);
	bytes[text.n] = '\0';
	assert_non_null(strstr(bytes, "<h1>599 Internal Server Error</h1>"));
	(void)state;
}

static void
the_refusal_announces_its_length(void **state)
{
	const char *body = strstr(response_refusal(), "\r\n\r\n") + 4;
	const char *length = strstr(response_refusal(), "Content-Length: ");

	assert_int_equal(strtoul(length + 16, NULL, 10), strlen(body));
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_head_is_written),
		cmocka_unit_test(every_page_fits),
		cmocka_unit_test(a_page_has_a_sentence_and_a_link),
		cmocka_unit_test(the_refusal_announces_its_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
