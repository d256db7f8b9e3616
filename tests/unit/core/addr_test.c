/* SPDX-License-Identifier: MIT */
/* Peers: their text, and what counts as one source. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

#include "core/addr.h"

/* Fills in an address from its text; returns its size. */
static socklen_t
sockaddr_of(struct sockaddr_storage *sa, const char *text, uint16_t port)
{
	struct sockaddr_in *sin = (struct sockaddr_in *)sa;
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)sa;

	memset(sa, 0, sizeof(*sa));
	if (inet_pton(AF_INET, text, &sin->sin_addr) == 1) {
		sin->sin_family = AF_INET;
		sin->sin_port = htons(port);
		return sizeof(*sin);
	}
	assert_int_equal(inet_pton(AF_INET6, text, &sin6->sin6_addr), 1);
	sin6->sin6_family = AF_INET6;
	sin6->sin6_port = htons(port);
	return sizeof(*sin6);
}

static struct ts_addr
addr_of(const char *text, uint16_t port)
{
	struct sockaddr_storage sa;
	socklen_t size = sockaddr_of(&sa, text, port);
	struct ts_addr addr;

	assert_int_equal(
	    ts_addr_from_sockaddr(&addr, (const struct sockaddr *)&sa, size),
	    0);
	return addr;
}

static const struct {
	const char *peer;
	const char *expected;
} texts[] = {
	{ "192.0.2.1", "192.0.2.1" },
	{ "0.0.0.0", "0.0.0.0" },
	{ "255.255.255.255", "255.255.255.255" },
	{ "2001:db8::1", "2001:db8::1" },
	{ "::1", "::1" },
	{ "::", "::" },
	/* The same host through an IPv6 socket. */
	{ "::ffff:192.0.2.1", "192.0.2.1" },
	{ "::ffff:0:0", "0.0.0.0" },
	/* Only looks mapped. */
	{ "::fffe:c000:201", "::fffe:c000:201" },
	{ "64:ff9b::192.0.2.1", "64:ff9b::c000:201" },
	/* The longest there is. */
	{ "2001:1111:2222:3333:4444:5555:6666:7777",
	    "2001:1111:2222:3333:4444:5555:6666:7777" },
};

static void
writes_addresses_as_text(void **state)
{
	char text[TS_ADDR_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct ts_addr addr = addr_of(texts[i].peer, 4711);

		ts_addr_format(&addr, text);
		assert_string_equal(text, texts[i].expected);
		assert_int_equal(addr.port, 4711);
	}
}

static void
writes_users_as_text(void **state)
{
	struct ts_addr addr = ts_addr_from_uid(1000);
	char text[TS_ADDR_TEXT_SIZE];

	(void)state;
	ts_addr_format(&addr, text);
	assert_string_equal(text, "uid 1000");
	assert_int_equal(addr.port, 0);
	addr = ts_addr_from_uid(UINT32_MAX);
	ts_addr_format(&addr, text);
	assert_string_equal(text, "uid 4294967295");
}

static const struct {
	const char *a;
	const char *b;
	int are_one;
} sources[] = {
	{ "192.0.2.1", "192.0.2.1", 1 },
	{ "192.0.2.1", "192.0.2.2", 0 },
	{ "192.0.2.1", "193.0.2.1", 0 },
	/* One host, whichever socket it came through. */
	{ "192.0.2.1", "::ffff:192.0.2.1", 1 },
	/* Not every IPv4 host is one source behind ::ffff:0:0/96. */
	{ "::ffff:192.0.2.1", "::ffff:192.0.2.2", 0 },
	/* A /64 is one source. */
	{ "2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", 1 },
	{ "2001:db8:0:0::1", "2001:db8:0:1::1", 0 },
	{ "2001:db8::1", "2002:db8::1", 0 },
	/* The same bits, another kind. */
	{ "0.0.0.0", "::", 0 },
	{ "0.0.0.1", "0:0:0:1::", 0 },
};

static int
are_one_source(struct ts_addr a, struct ts_addr b)
{
	struct ts_source one = ts_addr_source(&a);
	struct ts_source other = ts_addr_source(&b);

	return one.kind == other.kind && one.bits == other.bits;
}

static void
tells_sources_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		/* A port makes no source. */
		if (are_one_source(addr_of(sources[i].a, 1),
			addr_of(sources[i].b, 65535)) != sources[i].are_one)
			fail_msg("%s and %s", sources[i].a, sources[i].b);
}

static void
a_user_is_a_source(void **state)
{
	(void)state;
	assert_true(are_one_source(ts_addr_from_uid(7), ts_addr_from_uid(7)));
	assert_false(are_one_source(ts_addr_from_uid(7), ts_addr_from_uid(8)));
	assert_false(
	    are_one_source(ts_addr_from_uid(0), addr_of("0.0.0.0", 0)));
	assert_false(are_one_source(ts_addr_from_uid(0), addr_of("::", 0)));
}

static const struct {
	const char *a;
	const char *b;
	int are_one;
} groups[] = {
	/* A /24 of IPv4. */
	{ "192.0.2.1", "192.0.2.254", 1 },
	{ "192.0.2.1", "192.0.3.1", 0 },
	{ "192.0.2.1", "64.0.2.1", 0 },
	{ "192.0.2.1", "::ffff:192.0.2.7", 1 },
	/* A /48 of IPv6. */
	{ "2001:db8:1:1::1", "2001:db8:1:ffff::1", 1 },
	{ "2001:db8:1:1::1", "2001:db8:2:1::1", 0 },
	{ "2001:db8:1::1", "2001:db8:3::1", 0 },
	{ "2001:db8:1::1", "3001:db8:1::1", 0 },
	/* The same bits, another kind. */
	{ "0.0.0.0", "::", 0 },
};

static int
are_one(struct ts_source a, struct ts_source b)
{
	return a.kind == b.kind && a.bits == b.bits;
}

static struct ts_source
group_of(struct ts_addr addr)
{
	return ts_addr_group(ts_addr_source(&addr));
}

static void
tells_groups_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (are_one(group_of(addr_of(groups[i].a, 1)),
			group_of(addr_of(groups[i].b, 2))) != groups[i].are_one)
			fail_msg("%s and %s", groups[i].a, groups[i].b);
}

static void
a_user_is_a_group_of_one(void **state)
{
	(void)state;
	assert_true(are_one(group_of(ts_addr_from_uid(7)),
	    group_of(ts_addr_from_uid(7))));
	assert_false(are_one(group_of(ts_addr_from_uid(7)),
	    group_of(ts_addr_from_uid(8))));
	assert_false(are_one(group_of(ts_addr_from_uid(0)),
	    group_of(addr_of("0.0.0.0", 0))));
}

/* Both are keys of one table. */
static void
no_group_is_a_source(void **state)
{
	static const char *const texts_of[] = { "0.0.0.0", "192.0.2.0",
		"::", "2001:db8::" };

	(void)state;
	for (size_t i = 0; i < sizeof(texts_of) / sizeof(texts_of[0]); i++) {
		struct ts_addr addr = addr_of(texts_of[i], 1);

		assert_false(are_one(group_of(addr), ts_addr_source(&addr)));
	}
	for (uint32_t uid = 0; uid < 2; uid++) {
		struct ts_addr addr = ts_addr_from_uid(uid);

		assert_false(are_one(group_of(addr), ts_addr_source(&addr)));
	}
}

static void
refuses_what_is_not_on_tcp(void **state)
{
	struct sockaddr_storage sa;
	struct ts_addr addr = { .port = 99 };

	(void)state;
	memset(&sa, 0, sizeof(sa));
	sa.ss_family = AF_UNIX;
	assert_int_equal(ts_addr_from_sockaddr(&addr,
			     (const struct sockaddr *)&sa, sizeof(sa)),
	    -EAFNOSUPPORT);
	/* Cut short. */
	sa.ss_family = AF_INET;
	assert_int_equal(ts_addr_from_sockaddr(&addr,
			     (const struct sockaddr *)&sa,
			     sizeof(struct sockaddr_in) - 1),
	    -EAFNOSUPPORT);
	sa.ss_family = AF_INET6;
	assert_int_equal(ts_addr_from_sockaddr(&addr,
			     (const struct sockaddr *)&sa,
			     sizeof(struct sockaddr_in6) - 1),
	    -EAFNOSUPPORT);
	assert_int_equal(
	    ts_addr_from_sockaddr(&addr, (const struct sockaddr *)&sa, 0),
	    -EAFNOSUPPORT);
	assert_int_equal(addr.port, 99);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_addresses_as_text),
		cmocka_unit_test(writes_users_as_text),
		cmocka_unit_test(tells_sources_apart),
		cmocka_unit_test(a_user_is_a_source),
		cmocka_unit_test(tells_groups_apart),
		cmocka_unit_test(a_user_is_a_group_of_one),
		cmocka_unit_test(no_group_is_a_source),
		cmocka_unit_test(refuses_what_is_not_on_tcp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
