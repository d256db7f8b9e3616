/* SPDX-License-Identifier: MIT */
/* The parser of request heads: what it accepts, what it refuses with what. */
#include "http/parser.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "http/field.h"

#define HOST "Host: a\r\n"
#define GET "GET / HTTP/1.1\r\n"

struct head_case {
	const char *head;
	/* 0: accepted; EAGAIN: more is needed; else the status. */
	int expected;
	const char *shows;
};

static const struct head_case heads[] = {
	{ GET HOST "\r\n", 0, "the least request" },
	{ "\r\n" GET HOST "\r\n", 0, "one empty line before it" },
	{ "GET / HTTP/1.0\r\n\r\n", 0, "1.0 needs no Host" },
	{ GET "host:a\r\n\r\n", 0, "case of names, no space" },
	{ GET "Host: \t a \t \r\n\r\n", 0, "blanks around a value" },
	{ GET HOST "X:\r\n\r\n", 0, "an empty value" },
	{ GET HOST "Cookie: \xc3\xa4\r\n\r\n", 0,
	    "bytes above ASCII in a value" },
	{ GET HOST "Content-Length: 0\r\n\r\n", 0, "length 0" },
	{ GET HOST "Content-Length: 5\r\n\r\n", 0,
	    "a body, for others to refuse" },
	{ GET HOST "Transfer-Encoding: Chunked\r\n\r\n", 0,
	    "a chunked body, for others to refuse" },
	{ GET HOST "Upgrade: h2c\r\n\r\n", 0, "an upgrade is ignored" },
	{ GET "Host: a.example:8080\r\n\r\n", 0, "Host with a port" },
	{ GET "Host: [::1]:80\r\n\r\n", 0, "Host of IPv6" },
	{ GET "Host: a:\r\n\r\n", 0, "an empty port" },
	{ "GET http://a/x HTTP/1.1\r\n" HOST "\r\n", 0, "an absolute target" },
	{ "GET HTTP://A HTTP/1.1\r\n" HOST "\r\n", 0, "absolute, no path" },
	{ "GET http://a?q HTTP/1.0\r\n\r\n", 0, "absolute, no Host in 1.0" },
	{ "OPTIONS * HTTP/1.1\r\n" HOST "\r\n", 0, "asterisk" },
	{ "GET / HTTP/1.2\r\n" HOST "\r\n", 0, "a later minor version" },
	{ "GET / HTTP/1.9\r\n\r\n", 400, "which has to say Host, too" },
	{ "GET http://b/ HTTP/1.1\r\n" HOST "\r\n", 0,
	    "another host than Host" },
	{ "GET http://a:80/ HTTP/1.1\r\n" HOST "\r\n", 0,
	    "a port, and none in Host" },
	{ "GET http://a/ HTTP/1.1\r\nHost: a:8080\r\n\r\n", 0,
	    "no port, and one in Host" },
	{ "GET http://a:/ HTTP/1.1\r\n" HOST "\r\n", 0,
	    "an empty port in the target" },
	{ "GET http://b/ HTTP/1.1\r\n\r\n", 400, "a host in the target alone" },
	{ "GET http://b/ HTTP/1.1\r\nHost: a b\r\n\r\n", 400,
	    "a bad Host beside a good one" },
	{ "GET http://b/ HTTP/1.1\r\n" HOST HOST "\r\n", 400,
	    "two Hosts beside a good one" },
	{ "GET /\xc3\xa4 HTTP/1.1\r\n" HOST "\r\n", 0, "raw UTF-8" },
	{ "GET /?\"<>\xff HTTP/1.1\r\n" HOST "\r\n", 0,
	    "what no URL has, for others to encode" },
	{ GET HOST "Content-Length: 00\r\n\r\n", 0, "length 00" },
	{ GET HOST "Content-Length: 05\r\n\r\n", 0, "a leading zero" },
	{ GET HOST "Content-Length: 0000000000000000000000000\r\n\r\n", 0,
	    "many zeros" },
	{ GET HOST "Content-Length: 999999999999999999\r\n\r\n", 0,
	    "the largest length" },
	{ GET "Host: a.\r\n\r\n", 0, "a dot at the end" },
	{ GET "Host: [1:2:3:4:5:6:7.8.9.10]\r\n\r\n", 0,
	    "IPv6 with the end of IPv4" },
	{ "CONNECT a:80 HTTP/1.1\r\n" HOST "\r\n", 0, "authority" },
	{ "get / HTTP/1.1\r\n" HOST "\r\n", 0,
	    "a method of another case is another" },
	{ "GET /a|b[]{}^`' HTTP/1.1\r\n" HOST "\r\n", 0,
	    "what browsers leave raw" },

	{ "", EAGAIN, "nothing" },
	{ "\r", EAGAIN, "half an empty line" },
	{ "GET", EAGAIN, "half a method" },
	{ "GET / HTTP/1.1\r", EAGAIN, "half a line end" },
	{ GET, EAGAIN, "no field yet" },
	{ GET HOST "\r", EAGAIN, "half the last line end" },

	{ "\r\n\r\n" GET HOST "\r\n", 400, "two empty lines" },
	{ "\n" GET HOST "\r\n", 400, "a bare LF first" },
	{ " ", 400, "a space first" },
	{ "\x16\x03\x01", 400, "TLS" },
	{ "\x80", 400, "a byte above ASCII" },
	{ "G\x01", 400, "a control byte in a method" },
	{ "G(", 400, "not a token" },
	{ "SSH-2.0-OpenSSH_9.9\r\n", 400, "SSH" },
	{ "PRI * HTTP/2.0\r\n", 505, "HTTP/2" },
	{ "GET /\r\n", 400, "HTTP/0.9" },
	{ "GET\r\n", 400, "a method alone" },
	{ "GET / HTTP/1.1\n", 400, "a bare LF" },
	{ "GET / HTTP/1.1\rX", 400, "a bare CR" },
	{ "GET  / HTTP/1.1\r\n", 400, "two spaces" },
	{ "GET /  HTTP/1.1\r\n", 400, "two spaces behind" },
	{ "GET / HTTP/1.1 \r\n", 400, "a space at the end" },
	{ "GET\t/ HTTP/1.1\r\n", 400, "a tab" },
	{ "GET / x HTTP/1.1\r\n", 400, "a space in the target" },
	{ "GET / http/1.1\r\n", 400, "version in lower case" },
	{ "GET / HTTP/1.10\r\n", 400, "version 1.10" },
	{ "GET / HTTP/01.1\r\n", 400, "version 01.1" },
	{ "GET / HTTP/1\r\n", 400, "version 1" },
	{ "GET / HTTP/0.9\r\n", 505, "version 0.9" },
	{ "GET / HTTP/2.0\r\n", 505, "version 2.0" },
	{ "GET / HTTP/9.9\r\n", 505, "version 9.9" },
	{ "GET a HTTP/1.1\r\n", 400, "a relative target" },
	{ "GET * HTTP/1.1\r\n", 400, "asterisk but not OPTIONS" },
	{ "GET a:80 HTTP/1.1\r\n", 400, "authority but not CONNECT" },
	{ "CONNECT / HTTP/1.1\r\n", EAGAIN, "CONNECT of a path, to be 405" },
	{ "GET https://a/ HTTP/1.1\r\n", 421, "what is to come by TLS" },
	{ "GET HTTPS://a HTTP/1.1\r\n", 421, "the same in capitals" },
	{ "GET https:///x HTTP/1.1\r\n", 400, "by TLS, without a host" },
	{ "GET ftp://a/ HTTP/1.1\r\n", 400, "another scheme" },
	{ "GET http://\xc3\xa4/ HTTP/1.1\r\n", 400, "a raw host" },
	{ "GET http://a..b/ HTTP/1.1\r\n", 400, "an empty label" },
	{ "GET http://[4712::abcd::]/ HTTP/1.1\r\n", 400, "no IPv6 address" },
	{ "GET http://user:word@a/ HTTP/1.1\r\n", 400, "a password" },
	{ "GET http:///x HTTP/1.1\r\n", 400, "absolute without a host" },
	{ "GET http://u@a/ HTTP/1.1\r\n", 400, "a user" },
	{ "GET /#x HTTP/1.1\r\n", 400, "a fragment" },
	{ "GET /\x7f HTTP/1.1\r\n", 400, "DEL in the target" },
	{ GET HOST " folded\r\n\r\n", 400, "a folded line" },
	{ GET HOST "\tfolded\r\n\r\n", 400, "folded by a tab" },
	{ GET " " HOST "\r\n", 400, "a space before the first field" },
	{ GET HOST "X : 1\r\n\r\n", 400, "a space before the colon" },
	{ GET HOST "X\r\n\r\n", 400, "no colon" },
	{ GET HOST ": x\r\n\r\n", 400, "no name" },
	{ GET HOST "X(: x\r\n\r\n", 400, "a name that is no token" },
	{ GET HOST "X: a\x01\r\n\r\n", 400, "a control byte in a value" },
	{ GET HOST "X: a\x7f\r\n\r\n", 400, "DEL in a value" },
	{ GET HOST "X: a\n\r\n", 400, "a bare LF behind a field" },
	{ GET HOST "X: a\rb\r\n\r\n", 400, "a bare CR in a value" },
	{ GET HOST "\n", 400, "a bare LF at the end" },
	{ GET "\r\n", 400, "no Host" },
	{ GET HOST HOST "\r\n", 400, "two Hosts, equal" },
	{ GET "Host:\r\n\r\n", 400, "an empty Host" },
	{ GET "Host: a, b\r\n\r\n", 400, "a list of Hosts" },
	{ GET "Host: a,b\r\n\r\n", 400, "a list without a space" },
	{ GET "Host: u@a\r\n\r\n", 400, "a user in Host" },
	{ GET "Host: a/b\r\n\r\n", 400, "a path in Host" },
	{ GET "Host: a b\r\n\r\n", 400, "a space in Host" },
	{ GET "Host: a:x\r\n\r\n", 400, "a port of letters" },
	{ GET "Host: a:65536\r\n\r\n", 400, "too large a port" },
	{ GET "Host: a:99999999999999999999\r\n\r\n", 400,
	    "an overflowing port" },
	{ GET "Host: :80\r\n\r\n", 400, "a port alone" },
	{ GET "Host: [::1\r\n\r\n", 400, "half an IPv6 address" },
	{ GET "Host: []\r\n\r\n", 400, "an empty address" },
	{ GET "Host: [::1]x\r\n\r\n", 400, "behind the address" },
	{ "GET / HTTP/1.0\r\nHost: a b\r\n\r\n", 400, "a bad Host in 1.0" },
	{ GET "Host: a..b\r\n\r\n", 400, "an empty label in Host" },
	{ GET "Host: .\r\n\r\n", 400, "a dot alone" },
	{ GET "Host: .a\r\n\r\n", 400, "a dot in front" },
	{ GET "Host: a..\r\n\r\n", 400, "two dots at the end" },
	{ GET "Host: [1]\r\n\r\n", 400, "a short IPv6 address" },
	{ GET "Host: [1:2:3:4:5:6:7:8:9]\r\n\r\n", 400, "a long one" },
	{ GET "Host: [12345::]\r\n\r\n", 400, "too large a group" },
	{ GET "Host: [::127.0.0.256]\r\n\r\n", 400, "too large a byte" },
	{ GET "Host: [127.0.0.1]\r\n\r\n", 400, "IPv4 in brackets" },
	{ GET "Host: [0000000000000000000000000000000000000000000::]\r\n\r\n",
	    400, "longer than any address" },
	{ GET HOST "Transfer-Encoding: chunked, chunked\r\n\r\n", 400,
	    "chunked in chunks" },
	{ GET HOST
	    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"
	    "\r\n",
	    400, "chunked, twice" },
	{ GET HOST "Transfer-Encoding: gzip, chunked\r\n\r\n", 501,
	    "another coding within" },
	{ GET HOST "Transfer-Encoding: foo\r\n\r\n", 501, "an unknown coding" },
	{ GET HOST "Transfer-Encoding: chunked, foo\r\n\r\n", 400,
	    "chunked is not the last" },
	{ GET HOST "Transfer-Encoding: foo, \r\n\r\n", 400, "half a list" },
	{ GET HOST "Transfer-Encoding: fo o\r\n\r\n", 400, "no token" },
	{ GET HOST "Transfer-Encoding: foo\r\nContent-Length: 0\r\n\r\n", 400,
	    "an unknown coding, and a length" },
	{ "GET / HTTP/1.0\r\nTransfer-Encoding: foo\r\n\r\n", 400,
	    "an unknown coding in 1.0" },
	{ GET HOST "Transfer-Encoding:\r\n\r\n", 400, "an empty coding" },
	{ GET HOST "Transfer-Encoding: identity\r\n\r\n", 501, "identity" },
	{ GET HOST "transfer_encoding: x\r\n\r\n", 400, "with an underscore" },
	{ "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400,
	    "in 1.0" },
	{ GET HOST "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n",
	    400, "CL and TE" },
	{ GET HOST "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n",
	    400, "TE and CL" },
	{ GET HOST "Content-Length: 0\r\nContent-Length: 0\r\n\r\n", 400,
	    "two lengths" },
	{ GET HOST "Content-Length: 0, 0\r\n\r\n", 400, "a list of lengths" },
	{ GET HOST "Content-Length:\r\n\r\n", 400, "an empty length" },
	{ GET HOST "Content-Length: +0\r\n\r\n", 400, "a plus" },
	{ GET HOST "Content-Length: -1\r\n\r\n", 400, "a minus" },
	{ GET HOST "Content-Length: 0x0\r\n\r\n", 400, "hexadecimal" },
	{ GET HOST "Content-Length: 1 1\r\n\r\n", 400, "a space within" },
	{ GET HOST "Content-Length: 1_0\r\n\r\n", 400, "an underscore within" },
	{ GET HOST "Content-Length: 18446744073709551616\r\n\r\n", 400,
	    "2^64" },
	{ GET HOST "Content_Length: 0\r\n\r\n", 400, "an underscore" },
	{ GET HOST "Content_Length: 5\r\nContent-Length: 0\r\n\r\n", 400,
	    "an underscored twin" },
};

/* What the parser says of a head that is given in pieces of `step` bytes. */
static int
verdict(const char *head, size_t n, size_t step)
{
	struct request request = { 0 };
	size_t given = 0;
	int r;

	do {
		given = given + step < n ? given + step : n;
		r = request_parse(&request, guard_copy(head, given), given);
	} while (r == -EAGAIN && given < n);
	if (r == -EAGAIN)
		return EAGAIN;
	if (r < 0)
		return request.status;
	assert_int_equal(request.status, 0);
	assert_int_equal(r, n);
	return 0;
}

static void
each_head_gets_its_answer(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		const struct head_case *c = &heads[i];
		size_t n = strlen(c->head);
		int whole = verdict(c->head, n, n + 1);
		int dripped = verdict(c->head, n, 1);

		if (whole != c->expected || dripped != c->expected)
			fail_msg("%s: %d whole, %d dripped, expected %d",
			    c->shows, whole, dripped, c->expected);
	}
	(void)state;
}

static void
a_zero_byte_is_refused_anywhere(void **state)
{
	static const char head[] = GET HOST "X: y\r\n\r\n";
	size_t i;

	for (i = 0; i < sizeof(head) - 1; i++) {
		char copy[sizeof(head)];

		memcpy(copy, head, sizeof(head));
		copy[i] = '\0';
		assert_int_equal(verdict(copy, sizeof(head) - 1, 100), 400);
	}
	(void)state;
}

/* A head made of `before`, `n` times `filler`, and `after`. */
static int
filled(const char *before, char filler, size_t n, const char *after)
{
	static char head[3 * REQUEST_HEAD_BYTES];
	size_t length = strlen(before);

	memcpy(head, before, length);
	memset(head + length, filler, n);
	memcpy(head + length + n, after, strlen(after));
	length += n + strlen(after);
	assert_int_equal(verdict(head, length, length),
	    verdict(head, length, 7));
	return verdict(head, length, length);
}

static void
sizes_are_bounded(void **state)
{
	const size_t line = REQUEST_LINE_BYTES - strlen("GET / HTTP/1.1");
	const size_t value = REQUEST_HEAD_BYTES - strlen(GET HOST "X:\r\n\r\n");

	assert_int_equal(
	    filled("GET /", 'a', line, " HTTP/1.1\r\n" HOST "\r\n"), 0);
	assert_int_equal(
	    filled("GET /", 'a', line + 1, " HTTP/1.1\r\n" HOST "\r\n"), 414);
	assert_int_equal(filled("GET /", 'a', 20000, ""), 414);
	assert_int_equal(filled(GET HOST "X:", 'a', value, "\r\n\r\n"), 0);
	assert_int_equal(filled(GET HOST "X:", 'a', value + 1, "\r\n\r\n"),
	    431);
	assert_int_equal(filled(GET HOST "X:", 'a', 40000, ""), 431);
	assert_int_equal(
	    filled("", 'A', REQUEST_METHOD_BYTES, " / HTTP/1.0\r\n\r\n"), 0);
	assert_int_equal(filled("", 'A', REQUEST_METHOD_BYTES + 1, ""), 501);
	assert_int_equal(filled("", 'A', 40000, ""), 501);
	(void)state;
}

static void
fields_are_counted(void **state)
{
	char head[4096] = GET HOST;
	size_t n = strlen(head);
	int i;

	for (i = 1; i < REQUEST_FIELDS; i++) {
		memcpy(head + n, "X: y\r\n", 6);
		n += 6;
	}
	memcpy(head + n, "\r\n", 2);
	assert_int_equal(verdict(head, n + 2, 1000), 0);
	memcpy(head + n, "X: y\r\n\r\n", 8);
	assert_int_equal(verdict(head, n + 8, 1000), 431);
	(void)state;
}

static void
parse(struct request *ret_request, const char *head)
{
	*ret_request = (struct request){ 0 };
	assert_int_equal(request_parse(ret_request, head, strlen(head)),
	    strlen(head));
}

static void
assert_span(const char *head, struct request_span span, const char *expected)
{
	assert_int_equal(span.n, strlen(expected));
	assert_memory_equal(head + span.start, expected, span.n);
}

static void
parts_are_found(void **state)
{
	static const char head[] = "\r\nGET http://a:1/p/q?r?s HTTP/1.1\r\n"
				   "HOST: A:1\r\nuser-agent:  x y \r\n\r\n";
	struct request request;

	parse(&request, head);
	assert_int_equal(request.method, REQUEST_GET);
	assert_int_equal(request.minor, 1);
	assert_span(head, request.authority, "a:1");
	assert_span(head, request.path, "/p/q");
	assert_span(head, request.query, "r?s");
	assert_span(head, request.line, "GET http://a:1/p/q?r?s HTTP/1.1");
	assert_span(head, request.field[REQUEST_HOST], "A:1");
	assert_span(head, request.field[REQUEST_USER_AGENT], "x y");
	assert_false(request_has(&request, REQUEST_REFERER));
	(void)state;
}

/* The byte that settles it, and nothing behind it, brings the refusal. */
static void
the_first_wrong_byte_ends_it(void **state)
{
	static const struct {
		const char *head;
		int status;
	} cases[] = {
		{ " ", 400 },
		{ "G\x80", 400 },
		{ "GET  ", 400 },
		{ "GET /\x7f", 400 },
		{ "GET /\r", 400 },
		{ "GET /#", 400 },
		{ "GET / h", 400 },
		{ "GET / HTTP/1.1 ", 400 },
		{ "GET / HTTP/2.0\r\n", 505 },
		{ GET " ", 400 },
		{ GET HOST "\t", 400 },
		{ GET HOST "X ", 400 },
		{ GET HOST "X\r", 400 },
		{ GET HOST ":", 400 },
		{ GET HOST "X: \x1b", 400 },
		{ GET HOST "X: \n", 400 },
		{ GET HOST "X: \rY", 400 },
		{ GET HOST "\rX", 400 },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *head = cases[i].head;
		size_t n = strlen(head);

		if (verdict(head, n, n) != cases[i].status)
			fail_msg("%s", head);
		assert_int_equal(verdict(head, n - 1, n), EAGAIN);
	}
	(void)state;
}

static void
what_there_was_of_a_line_is_kept(void **state)
{
	static const char head[] = "GET /a HTTP/1.1\n";
	struct request request = { 0 };

	assert_int_equal(request_parse(&request, head, strlen(head)), -EBADMSG);
	assert_span(head, request.line, "GET /a HTTP/1.1");
	(void)state;
}

static void
every_line_of_a_field_is_found(void **state)
{
	static const char head[] =
	    "\r\n" GET "If-Match: a\r\n" HOST "X: If-Match: x\r\nif-match:\r\n"
	    "IF-MATCH: b , c \r\n\r\nIf-Match: d\r\n";
	static const char *const values[] = { "a", "", "b , c" };
	struct request request = { 0 };
	struct piece value;
	size_t at = 0;
	size_t i;

	assert_true(request_parse(&request, head, strlen(head)) > 0);
	for (i = 0; i < 3; i++) {
		assert_true(
		    field_next(&request, head, REQUEST_IF_MATCH, &at, &value));
		assert_int_equal(value.n, strlen(values[i]));
		assert_memory_equal(value.bytes, values[i], value.n);
	}
	assert_false(field_next(&request, head, REQUEST_IF_MATCH, &at, &value));
	(void)state;
}

static void
assert_host(const char *head, const char *expected)
{
	struct request request;
	struct piece host;

	parse(&request, head);
	host = request_host(&request, head);
	assert_int_equal(host.n, strlen(expected));
	assert_memory_equal(host.bytes, expected, host.n);
}

static void
the_host_of_an_absolute_target_goes_before_host(void **state)
{
	assert_host("GET http://b:81/ HTTP/1.1\r\n" HOST "\r\n", "b:81");
	assert_host("GET http://b?x HTTP/1.0\r\n\r\n", "b");
	assert_host(GET HOST "\r\n", "a");
	assert_host("GET / HTTP/1.0\r\n\r\n", "");
	(void)state;
}

static void
a_later_minor_version_is_the_latest_known(void **state)
{
	struct request request;

	parse(&request, "GET / HTTP/1.9\r\n" HOST "\r\n");
	assert_int_equal(request.minor, 1);
	assert_true(request.is_kept);
	parse(&request, "GET / HTTP/1.0\r\n\r\n");
	assert_int_equal(request.minor, 0);
	(void)state;
}

static void
a_body_is_noticed(void **state)
{
	struct request request;

	parse(&request, GET HOST "Content-Length: 0\r\n\r\n");
	assert_int_equal(request.body, REQUEST_NO_BODY);
	parse(&request, GET HOST "Content-Length: 000\r\n\r\n");
	assert_int_equal(request.body, REQUEST_NO_BODY);
	parse(&request, GET HOST "Content-Length: 10\r\n\r\n");
	assert_int_equal(request.body, REQUEST_BODY_OF_LENGTH);
	parse(&request, GET HOST "Content-Length: 010\r\n\r\n");
	assert_int_equal(request.body, REQUEST_BODY_OF_LENGTH);
	parse(&request, GET HOST "Transfer-Encoding: chunked\r\n\r\n");
	assert_int_equal(request.body, REQUEST_BODY_CHUNKED);
	(void)state;
}

static void
the_connection_is_kept_as_agreed(void **state)
{
	static const struct {
		const char *head;
		bool is_kept;
	} cases[] = {
		{ GET HOST "\r\n", true },
		{ GET HOST "Connection: close\r\n\r\n", false },
		{ GET HOST "Connection: x , CLOSE\r\n\r\n", false },
		{ GET HOST "Connection: x\r\nConnection: close\r\n\r\n",
		    false },
		{ GET HOST "Connection: closed\r\n\r\n", true },
		{ GET HOST "Connection: ,,\r\n\r\n", true },
		{ GET HOST "Connection: keep-alive, close\r\n\r\n", false },
		{ "GET / HTTP/1.0\r\n\r\n", false },
		{ "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request request;

		parse(&request, cases[i].head);
		assert_int_equal(request.is_kept, cases[i].is_kept);
	}
	(void)state;
}

static void
the_next_request_is_left_alone(void **state)
{
	static const char two[] = GET HOST "\r\n" GET HOST "\r\n";
	struct request request = { 0 };

	assert_int_equal(request_parse(&request, two, sizeof(two) - 1),
	    (sizeof(two) - 1) / 2);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_head_gets_its_answer),
		cmocka_unit_test(a_zero_byte_is_refused_anywhere),
		cmocka_unit_test(sizes_are_bounded),
		cmocka_unit_test(fields_are_counted),
		cmocka_unit_test(parts_are_found),
		cmocka_unit_test(the_first_wrong_byte_ends_it),
		cmocka_unit_test(what_there_was_of_a_line_is_kept),
		cmocka_unit_test(every_line_of_a_field_is_found),
		cmocka_unit_test(
		    the_host_of_an_absolute_target_goes_before_host),
		cmocka_unit_test(a_later_minor_version_is_the_latest_known),
		cmocka_unit_test(a_body_is_noticed),
		cmocka_unit_test(the_connection_is_kept_as_agreed),
		cmocka_unit_test(the_next_request_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
