/* SPDX-License-Identifier: MIT */
/* Where a server listens: texts that are addresses, and those that are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/endpoint.h"
#include "guard.h"
#include "random.h"

/* A path as long as a unix address can hold, 107 bytes, and one longer. */
#define PATH_10 "/123456789"
#define PATH_100                                                        \
	PATH_10 PATH_10 PATH_10 PATH_10 PATH_10 PATH_10 PATH_10 PATH_10 \
	    PATH_10 PATH_10
#define LONGEST_PATH PATH_100 "/123456"

/* What the parser is given ends at a page that cannot be read. */
static int
parse(struct ts_endpoint *endpoint, const char *text)
{
	return ts_endpoint_parse(endpoint, guard_copy(text, strlen(text) + 1));
}

static const struct {
	const char *text;
	enum ts_endpoint_kind kind;
	/* As it is written back; NULL: as it was. */
	const char *expected;
} good[] = {
	{ "192.0.2.1:80", TS_ENDPOINT_IPV4, NULL },
	{ "0.0.0.0:0", TS_ENDPOINT_IPV4, NULL },
	{ "255.255.255.255:65535", TS_ENDPOINT_IPV4, NULL },
	{ "[2001:db8::1]:80", TS_ENDPOINT_IPV6, NULL },
	{ "[::]:8080", TS_ENDPOINT_IPV6, NULL },
	{ "[::1]:0", TS_ENDPOINT_IPV6, NULL },
	{ "[2001:1111:2222:3333:4444:5555:6666:7777]:65535", TS_ENDPOINT_IPV6,
	    NULL },
	/* The longest way to write one. */
	{ "[0000:0000:0000:0000:0000:ffff:255.255.255.255]:1", TS_ENDPOINT_IPV6,
	    "[::ffff:255.255.255.255]:1" },
	{ "*:80", TS_ENDPOINT_ANY, NULL },
	{ "*:0", TS_ENDPOINT_ANY, NULL },
	{ "80", TS_ENDPOINT_ANY, "*:80" },
	{ "0", TS_ENDPOINT_ANY, "*:0" },
	{ "65535", TS_ENDPOINT_ANY, "*:65535" },
	/* However many zeros. */
	{ "00000000000000000000080", TS_ENDPOINT_ANY, "*:80" },
	{ "unix:/run/x", TS_ENDPOINT_UNIX, NULL },
	{ "unix:x", TS_ENDPOINT_UNIX, NULL },
	{ "unix:/a:80", TS_ENDPOINT_UNIX, NULL },
	{ "unix:unix:", TS_ENDPOINT_UNIX, NULL },
	{ "unix:" LONGEST_PATH, TS_ENDPOINT_UNIX, NULL },
	/* The scope is looked up later, and is not part of the text. */
	{ "[fe80::1%eth0]:80", TS_ENDPOINT_IPV6, "[fe80::1]:80" },
	{ "[fe80::1%123456789012345]:80", TS_ENDPOINT_IPV6, "[fe80::1]:80" },
	/* The longest host there is. */
	{ "[fe80:0000:0000:0000:0000:ffff:255.255.255.255%123456789012345]:1",
	    TS_ENDPOINT_IPV6, "[fe80::ffff:ffff:ffff]:1" },
	{ "*:9090", TS_ENDPOINT_ANY, NULL },
};

static const struct {
	const char *text;
	const char *why;
} bad[] = {
	{ "", "nothing" },
	{ ":", "no host, no port" },
	{ ":80", "no host" },
	{ "192.0.2.1", "no port" },
	{ "192.0.2.1:", "no port" },
	{ "*", "no port" },
	{ "*:", "no port" },
	{ "65536", "a port beyond the last" },
	{ "192.0.2.1:65536", "a port beyond the last" },
	{ "*:4294967376", "80 beyond 32 bits" },
	{ "18446744073709551696", "80 beyond 64 bits" },
	{ "-1", "a sign" },
	{ "+80", "a sign" },
	{ " 80", "a space before" },
	{ "80 ", "a space behind" },
	{ "0x50", "not decimal" },
	{ "8/0", "the byte before the digits" },
	{ "80\n", "a newline behind" },
	{ "192.0.2.1: 80", "a space before the port" },
	{ "http", "a service's name" },
	{ "localhost:80", "a host's name" },
	{ "192.0.2:80", "three parts" },
	{ "192.0.2.256:80", "a part beyond 255" },
	{ "192.0.2.1.1:80", "five parts" },
	{ "192.0.2.01:80", "a part that might be octal" },
	{ " 192.0.2.1:80", "a space before" },
	{ "192.0.2.1:80:80", "two ports" },
	{ "**:80", "not quite every address" },
	{ "[*]:80", "every address in brackets" },
	{ "2001:db8::1:80", "IPv6 without brackets" },
	{ "::1", "IPv6 without brackets" },
	{ "[::1]", "no port" },
	{ "[::1]:", "no port" },
	{ "[::1]80", "no colon" },
	{ "[::1:80", "not closed" },
	{ "::1]:80", "not opened" },
	{ "[:80", "a lone bracket" },
	{ "]:80", "a lone bracket" },
	{ "[]:80", "nothing in the brackets" },
	{ "[[::1]]:80", "brackets in brackets" },
	{ "[192.0.2.1]:80", "IPv4 in brackets" },
	{ "[1:2:3:4:5:6:7:8:9]:80", "nine parts" },
	{ "[::1::]:80", "two gaps" },
	{ "[fe80::1%]:80", "an empty scope" },
	{ "[%eth0]:80", "a scope alone" },
	{ "[fe80::1%1234567890123456]:80", "a scope that is too long" },
	{ "192.0.2.1%eth0:80", "a scope on IPv4" },
	{ "unix:", "no path" },
	{ "unix:" LONGEST_PATH "7", "a path that is too long" },
	{ "unix:" PATH_100 PATH_100 PATH_100, "a path far too long" },
	{ PATH_100 PATH_100 ":80", "a host far too long" },
	{ "[" PATH_100 "]:80", "a host far too long" },
	{ "UNIX:/x", "the prefix is in small letters" },
	{ "/run/x", "a path without a prefix" },
	{ "unix", "a prefix cut short" },
};

static void
takes_addresses_and_writes_them_back(void **state)
{
	char text[TS_ENDPOINT_TEXT_SIZE];
	struct ts_endpoint endpoint;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		const char *expected =
		    good[i].expected != NULL ? good[i].expected : good[i].text;

		if (parse(&endpoint, good[i].text) != 0)
			fail_msg("\"%s\" is refused", good[i].text);
		assert_int_equal(endpoint.kind, good[i].kind);
		ts_endpoint_format(&endpoint, text);
		assert_string_equal(text, expected);
		/* What was written is taken again. */
		assert_int_equal(parse(&endpoint, text), 0);
	}
}

static void
refuses_what_is_not_an_address(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ts_endpoint endpoint = { .scope = "untouched" };

		if (parse(&endpoint, bad[i].text) != -EINVAL)
			fail_msg("\"%s\" is taken: %s", bad[i].text,
			    bad[i].why);
		assert_string_equal(endpoint.scope, "untouched");
	}
}

static void
fills_in_the_address_for_bind(void **state)
{
	struct ts_endpoint endpoint;

	(void)state;
	assert_int_equal(parse(&endpoint, "192.0.2.1:258"), 0);
	assert_int_equal(endpoint.address.sin.sin_family, AF_INET);
	assert_int_equal(endpoint.address.sin.sin_port, htons(258));
	assert_int_equal(ntohl(endpoint.address.sin.sin_addr.s_addr),
	    0xc0000201);
	assert_int_equal(ts_endpoint_size(&endpoint),
	    sizeof(struct sockaddr_in));
	assert_int_equal(parse(&endpoint, "258"), 0);
	assert_int_equal(endpoint.address.sin6.sin6_family, AF_INET6);
	assert_int_equal(endpoint.address.sin6.sin6_port, htons(258));
	assert_int_equal(ts_endpoint_size(&endpoint),
	    sizeof(struct sockaddr_in6));
	assert_int_equal(parse(&endpoint, "[fe80::1%eth0]:258"), 0);
	assert_int_equal(endpoint.address.sin6.sin6_port, htons(258));
	assert_int_equal(endpoint.address.sin6.sin6_scope_id, 0);
	assert_string_equal(endpoint.scope, "eth0");
	assert_int_equal(parse(&endpoint, "unix:/run/x"), 0);
	assert_int_equal(endpoint.address.sun.sun_family, AF_UNIX);
	assert_string_equal(endpoint.address.sun.sun_path, "/run/x");
	assert_int_equal(ts_endpoint_size(&endpoint),
	    sizeof(struct sockaddr_un));
	/* Nothing of the one before. */
	assert_string_equal(endpoint.scope, "");
}

static void
takes_the_address_of_a_bound_socket(void **state)
{
	static const char *const texts[] = { "192.0.2.1:80", "[2001:db8::1]:80",
		"unix:" LONGEST_PATH };
	char text[TS_ENDPOINT_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct ts_endpoint from;
		struct ts_endpoint to;

		assert_int_equal(parse(&from, texts[i]), 0);
		assert_int_equal(ts_endpoint_from_sockaddr(&to,
				     &from.address.sa, ts_endpoint_size(&from)),
		    0);
		ts_endpoint_format(&to, text);
		assert_string_equal(text, texts[i]);
	}
}

static void
refuses_other_kinds_of_socket(void **state)
{
	struct sockaddr_storage sa = { .ss_family = AF_VSOCK };
	struct ts_endpoint endpoint = { .scope = "untouched" };

	(void)state;
	assert_int_equal(ts_endpoint_from_sockaddr(&endpoint,
			     (const struct sockaddr *)&sa, 16),
	    -EAFNOSUPPORT);
	/* Larger than any we know. */
	sa.ss_family = AF_INET;
	assert_int_equal(ts_endpoint_from_sockaddr(&endpoint,
			     (const struct sockaddr *)&sa, sizeof(sa)),
	    -EAFNOSUPPORT);
	assert_string_equal(endpoint.scope, "untouched");
	/* As large as the largest. */
	assert_int_equal(ts_endpoint_from_sockaddr(&endpoint,
			     (const struct sockaddr *)&sa,
			     sizeof(endpoint.address)),
	    0);
	assert_int_equal(endpoint.kind, TS_ENDPOINT_IPV4);
}

/* A unix socket without a name, and one whose name fills its room. */
static void
takes_odd_unix_addresses(void **state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	char text[TS_ENDPOINT_TEXT_SIZE];
	struct ts_endpoint endpoint;

	(void)state;
	assert_int_equal(ts_endpoint_from_sockaddr(&endpoint,
			     (const struct sockaddr *)&sun,
			     sizeof(sa_family_t)),
	    0);
	ts_endpoint_format(&endpoint, text);
	assert_string_equal(text, "unix:");
	memset(sun.sun_path, 'x', sizeof(sun.sun_path));
	assert_int_equal(ts_endpoint_from_sockaddr(&endpoint,
			     (const struct sockaddr *)&sun, sizeof(sun)),
	    0);
	ts_endpoint_format(&endpoint, text);
	assert_int_equal(strlen(text), strlen("unix:") + sizeof(sun.sun_path));
}

/* However long the host: around the size of any buffer, too. */
static void
refuses_hosts_of_every_length(void **state)
{
	struct ts_endpoint endpoint;
	char text[300];

	(void)state;
	for (size_t length = 1; length < sizeof(text) - 5; length++) {
		memset(text, '0', length);
		memcpy(text + length, ":80", sizeof(":80"));
		assert_int_equal(parse(&endpoint, text), -EINVAL);
		text[0] = '[';
		memcpy(text + length, "]:80", sizeof("]:80"));
		assert_int_equal(parse(&endpoint, text), -EINVAL);
	}
}

/* Whatever the text: no byte too far, and what is taken comes back. */
static void
stands_random_texts(void **state)
{
	static const char letters[] = "[]:%*.0159afx u-";
	struct random_stream random = { 7 };
	struct ts_endpoint endpoint;
	struct ts_endpoint again;
	char formatted[TS_ENDPOINT_TEXT_SIZE];
	char text[24];

	(void)state;
	for (int step = 0; step < 50000; step++) {
		uint32_t length = random_below(&random, sizeof(text));

		for (uint32_t i = 0; i < length; i++)
			text[i] =
			    letters[random_below(&random, sizeof(letters) - 1)];
		text[length] = '\0';
		if (parse(&endpoint, text) < 0)
			continue;
		ts_endpoint_format(&endpoint, formatted);
		assert_int_equal(parse(&again, formatted), 0);
		assert_int_equal(endpoint.kind, again.kind);
	}
}

static void
ports_below_1024_are_for_root(void **state)
{
	static const struct {
		const char *text;
		bool is_privileged;
	} cases[] = {
		{ "1", true },
		{ "*:1023", true },
		{ "127.0.0.1:80", true },
		{ "[::1]:80", true },
		{ "1024", false },
		{ "[::1]:1024", false },
		/* Any free one. */
		{ "127.0.0.1:0", false },
		{ "unix:/run/x", false },
	};
	struct ts_endpoint endpoint;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(ts_endpoint_parse(&endpoint, cases[i].text),
		    0);
		assert_int_equal(ts_endpoint_is_privileged(&endpoint),
		    cases[i].is_privileged);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_addresses_and_writes_them_back),
		cmocka_unit_test(refuses_what_is_not_an_address),
		cmocka_unit_test(fills_in_the_address_for_bind),
		cmocka_unit_test(takes_the_address_of_a_bound_socket),
		cmocka_unit_test(refuses_other_kinds_of_socket),
		cmocka_unit_test(takes_odd_unix_addresses),
		cmocka_unit_test(refuses_hosts_of_every_length),
		cmocka_unit_test(stands_random_texts),
		cmocka_unit_test(ports_below_1024_are_for_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
