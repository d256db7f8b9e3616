/* SPDX-License-Identifier: MIT */
/* The networks of an address: their bounds, their kinds, their text. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <netinet/in.h>
#include <string.h>

#include "core/network.h"
#include "random.h"

/* An address from its text; "fe80::1%2" is on interface 2. */
static struct ts_addr
addr_of(const char *text)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	const char *scope = strchr(text, '%');
	char bare[INET6_ADDRSTRLEN] = "";
	struct ts_addr addr;

	memcpy(bare, text,
	    scope == NULL ? strlen(text) : (size_t)(scope - text));
	if (inet_pton(AF_INET, bare, &sin.sin_addr) == 1) {
		assert_int_equal(ts_addr_from_sockaddr(&addr,
				     (const struct sockaddr *)&sin,
				     sizeof(sin)),
		    0);
		return addr;
	}
	assert_int_equal(inet_pton(AF_INET6, bare, &sin6.sin6_addr), 1);
	if (scope != NULL)
		sin6.sin6_scope_id = (uint32_t)(scope[1] - '0');
	assert_int_equal(ts_addr_from_sockaddr(&addr,
			     (const struct sockaddr *)&sin6, sizeof(sin6)),
	    0);
	return addr;
}

static struct ts_chain
chain_of(const char *text)
{
	struct ts_addr addr = addr_of(text);
	struct ts_chain chain;

	ts_chain_of(&chain, &addr);
	return chain;
}

/* --- The text of each network -------------------------------------------- */

static const struct {
	const char *addr;
	/* From wide to narrow. */
	const char *networks[TS_NETWORK_LEVELS];
} chains[] = {
	{ "192.0.2.1", { "192.0.0.0/16", "192.0.2.0/24", "192.0.2.1" } },
	{ "0.0.0.0", { "0.0.0.0/16", "0.0.0.0/24", "0.0.0.0" } },
	{ "255.255.255.255",
	    { "255.255.0.0/16", "255.255.255.0/24", "255.255.255.255" } },
	/* Mapped, and translated: the same host. */
	{ "::ffff:192.0.2.1", { "192.0.0.0/16", "192.0.2.0/24", "192.0.2.1" } },
	{ "64:ff9b::192.0.2.1",
	    { "192.0.0.0/16", "192.0.2.0/24", "192.0.2.1" } },
	/* Only the prefix of 96 bits is that of translation. */
	{ "64:ff9b:0:0:0:1:c000:201",
	    { "64:ff9b::/32", "64:ff9b::/40", "64:ff9b::/48", "64:ff9b::/56",
		"64:ff9b::/64" } },
	{ "64:ff9b:1::c000:201",
	    { "64:ff9b::/32", "64:ff9b::/40", "64:ff9b:1::/48",
		"64:ff9b:1::/56", "64:ff9b:1::/64" } },
	{ "2001:db8:1122:3344:5566:7788:99aa:bbcc",
	    { "2001:db8::/32", "2001:db8:1100::/40", "2001:db8:1122::/48",
		"2001:db8:1122:3300::/56", "2001:db8:1122:3344::/64" } },
	{ "::1", { "::/32", "::/40", "::/48", "::/56", "::/64" } },
	{ "ffff:ffff:ffff:ffff::1",
	    { "ffff:ffff::/32", "ffff:ffff:ff00::/40", "ffff:ffff:ffff::/48",
		"ffff:ffff:ffff:ff00::/56", "ffff:ffff:ffff:ffff::/64" } },
	{ "fe80::1%2",
	    { "fe80::/64 on interface 2", "fe80::1 on interface 2" } },
	/* fe80::/10 is link-local to its end, and no further. */
	{ "febf:ffff::8000:0:0:2%3",
	    { "fe80::/64 on interface 3", "fe80::8000:0:0:2 on interface 3" } },
	{ "fec0::1",
	    { "fec0::/32", "fec0::/40", "fec0::/48", "fec0::/56",
		"fec0::/64" } },
	{ "fe7f::1",
	    { "fe7f::/32", "fe7f::/40", "fe7f::/48", "fe7f::/56",
		"fe7f::/64" } },
};

static void
every_address_has_its_networks(void **state)
{
	char text[TS_NETWORK_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++) {
		struct ts_chain chain = chain_of(chains[i].addr);

		for (unsigned level = 0; level < chain.count; level++) {
			ts_network_format(chain.networks[level], text);
			assert_non_null(chains[i].networks[level]);
			assert_string_equal(text, chains[i].networks[level]);
		}
		assert_true(chain.count == TS_NETWORK_LEVELS ||
		    chains[i].networks[chain.count] == NULL);
		assert_true(ts_network_is_same(ts_chain_source(&chain),
		    chain.networks[chain.count - 1]));
	}
}

static void
a_user_is_a_network(void **state)
{
	static const struct {
		uint32_t uid;
		const char *text;
	} users[] = { { 0, "uid 0" }, { 1000, "uid 1000" },
		{ UINT32_MAX, "uid 4294967295" } };
	char text[TS_NETWORK_TEXT_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		struct ts_addr addr = ts_addr_from_uid(users[i].uid);
		struct ts_chain chain;

		ts_chain_of(&chain, &addr);
		assert_int_equal(chain.count, 1);
		ts_network_format(chain.networks[0], text);
		assert_string_equal(text, users[i].text);
	}
}

/* --- How far two addresses are the same ---------------------------------- */

static const struct {
	const char *a;
	const char *b;
	/* At so many levels, from the widest on. */
	unsigned common;
} pairs[] = {
	/* The last address of each network, and the first of the next. */
	{ "192.0.2.1", "192.0.2.1", 3 },
	{ "192.0.2.1", "192.0.2.2", 2 },
	{ "192.0.2.0", "192.0.2.255", 2 },
	{ "192.0.2.255", "192.0.3.0", 1 },
	{ "192.0.0.0", "192.0.255.255", 1 },
	{ "192.0.255.255", "192.1.0.0", 0 },
	{ "192.0.2.1", "::ffff:192.0.2.1", 3 },
	{ "192.0.2.1", "64:ff9b::192.0.2.1", 3 },
	/* Hosts behind mapping or translation are not one network. */
	{ "::ffff:192.0.2.1", "::ffff:193.0.2.1", 0 },
	{ "64:ff9b::192.0.2.1", "64:ff9b::193.0.2.1", 0 },
	{ "2001:db8::", "2001:db8::ffff:ffff:ffff:ffff", 5 },
	{ "2001:db8::ffff:ffff:ffff:ffff", "2001:db8:0:1::", 4 },
	{ "2001:db8:0:ff::", "2001:db8:0:100::", 3 },
	{ "2001:db8:0:ffff::", "2001:db8:1::", 2 },
	{ "2001:db8:ff:ffff::", "2001:db8:100::", 1 },
	{ "2001:db8:ffff:ffff::", "2001:db9::", 0 },
	/* An interface, and the address on it. */
	{ "fe80::1%1", "fe80::1%1", 2 },
	{ "fe80::1%1", "fe80::2%1", 1 },
	{ "fe80::1%1", "fe80::1%2", 0 },
	/* The same bits, another kind. */
	{ "0.0.0.0", "::", 0 },
	{ "0.0.0.0", "fe80::%0", 0 },
	{ "::", "fe80::%0", 0 },
};

static unsigned
common_levels(const struct ts_chain *a, const struct ts_chain *b)
{
	unsigned level = 0;

	while (level < a->count && level < b->count &&
	    ts_network_is_same(a->networks[level], b->networks[level]))
		level++;
	return level;
}

static void
networks_end_where_their_prefixes_do(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct ts_chain a = chain_of(pairs[i].a);
		struct ts_chain b = chain_of(pairs[i].b);

		if (common_levels(&a, &b) != pairs[i].common)
			fail_msg("%s and %s", pairs[i].a, pairs[i].b);
	}
}

/* A port, and the interface of an address that is valid everywhere, make no
 * difference. */
static void
only_the_address_counts(void **state)
{
	struct ts_addr addr = addr_of("2001:db8::1");
	struct ts_chain chain, other;

	(void)state;
	ts_chain_of(&chain, &addr);
	addr.port = 4711;
	addr.scope = 3;
	ts_chain_of(&other, &addr);
	assert_int_equal(common_levels(&chain, &other), TS_NETWORK_LEVELS);
}

/* All are keys of one table, which holds each network inside one other. */
static void
a_network_is_never_at_two_levels(void **state)
{
	struct ts_chain a, b;

	(void)state;
	for (size_t i = 0; i < sizeof(chains) / sizeof(chains[0]); i++)
		for (size_t j = 0; j < sizeof(chains) / sizeof(chains[0]);
		     j++) {
			a = chain_of(chains[i].addr);
			b = chain_of(chains[j].addr);
			for (unsigned n = 0; n < a.count; n++)
				for (unsigned m = 0; m < b.count; m++)
					assert_false(n != m &&
					    ts_network_is_same(a.networks[n],
						b.networks[m]));
		}
}

/* Two addresses that have a network in common have all the wider ones. */
static void
a_network_has_one_network_above(void **state)
{
	struct random_stream random = { 7 };

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct ts_addr pair[2];
		struct ts_chain chains_of[2];
		unsigned common;

		for (int n = 0; n < 2; n++) {
			pair[n] = (struct ts_addr){
				.kind = 1 + random_below(&random, 3),
				.uid = random_below(&random, 2),
				.scope = random_below(&random, 2),
			};
			for (int k = 0; k < 16; k++)
				pair[n].bytes[k] =
				    (uint8_t)random_below(&random, 2);
			if (random_below(&random, 4) == 0) {
				pair[n].bytes[0] = 0xfe;
				pair[n].bytes[1] |= 0x80;
			}
			ts_chain_of(&chains_of[n], &pair[n]);
		}
		common = common_levels(&chains_of[0], &chains_of[1]);
		for (unsigned n = common; n < TS_NETWORK_LEVELS; n++)
			assert_false(n < chains_of[0].count &&
			    n < chains_of[1].count &&
			    ts_network_is_same(chains_of[0].networks[n],
				chains_of[1].networks[n]));
	}
}

static void
the_longest_text_has_room(void **state)
{
	struct ts_addr addr = {
		.kind = TS_ADDR_IPV6,
		.bytes = { 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff,
		    0xff, 0xff, 0xff, 0xff },
		.scope = UINT32_MAX,
	};
	char text[TS_NETWORK_TEXT_SIZE];
	struct ts_chain chain;

	(void)state;
	ts_chain_of(&chain, &addr);
	ts_network_format(ts_chain_source(&chain), text);
	assert_string_equal(text,
	    "fe80::ffff:ffff:ffff:ffff on interface 4294967295");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_address_has_its_networks),
		cmocka_unit_test(a_user_is_a_network),
		cmocka_unit_test(networks_end_where_their_prefixes_do),
		cmocka_unit_test(only_the_address_counts),
		cmocka_unit_test(a_network_is_never_at_two_levels),
		cmocka_unit_test(a_network_has_one_network_above),
		cmocka_unit_test(the_longest_text_has_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
