/* SPDX-License-Identifier: MIT */
/* Peers: from the kernel's form, and as text. */
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

/* What follows the address in its socket address is not part of it. */
static void
takes_a_mapped_address_without_its_scope(void **state)
{
	static const uint8_t expected[16] = { 192, 0, 2, 1 };
	struct sockaddr_storage sa;
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)&sa;
	socklen_t size = sockaddr_of(&sa, "::ffff:192.0.2.1", 1);
	struct ts_addr addr;

	(void)state;
	sin6->sin6_scope_id = UINT32_MAX;
	assert_int_equal(
	    ts_addr_from_sockaddr(&addr, (const struct sockaddr *)&sa, size),
	    0);
	assert_memory_equal(addr.bytes, expected, sizeof(addr.bytes));
}

/* The interface belongs to an address that is valid there alone. */
static void
keeps_the_interface(void **state)
{
	struct sockaddr_storage sa;
	socklen_t size = sockaddr_of(&sa, "fe80::1", 80);
	struct ts_addr addr;

	(void)state;
	((struct sockaddr_in6 *)&sa)->sin6_scope_id = 7;
	assert_int_equal(
	    ts_addr_from_sockaddr(&addr, (const struct sockaddr *)&sa, size),
	    0);
	assert_int_equal(addr.scope, 7);
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
		cmocka_unit_test(takes_a_mapped_address_without_its_scope),
		cmocka_unit_test(keeps_the_interface),
		cmocka_unit_test(refuses_what_is_not_on_tcp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
