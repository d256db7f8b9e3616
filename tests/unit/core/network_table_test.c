/* SPDX-License-Identifier: MIT */
/* The network table, against a plain list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "network_pair.h"
#include "network_shape.h"

#define SECOND_NS INT64_C(1000000000)

/* Histories of `steps` steps, from one seed after the other. */
struct setting {
	uint32_t ids;
	/* Connections in the table at once; fewer than ids. */
	uint32_t most;
	uint32_t spread;
	uint32_t heavy;
	uint32_t seeds;
	uint32_t steps;
};

/* --- Histories ----------------------------------------------------------- */

static struct ts_standing
any_standing(struct random_stream *random)
{
	struct ts_standing standing = { .is_unseen = true };

	/* One in three comes back from an earlier slot. */
	if (random_below(random, 3) > 0)
		return standing;
	standing.served_ns = random_below(random, 2500) * INT64_C(1000000);
	standing.moved_bytes = random_below(random, 20000);
	standing.is_unseen = random_below(random, 2) == 0;
	standing.lags = !standing.is_unseen && random_below(random, 2) == 0;
	return standing;
}

static void
arrive(struct network_pair *pair, const struct setting *setting)
{
	struct model_client client =
	    model_any_client(setting->spread, &pair->random);
	struct ts_standing standing = any_standing(&pair->random);
	uint32_t id = model_pick(&pair->model, TS_HOLDER_NONE, &pair->random);

	if (pair->table.top.held + pair->table.top.waiting == setting->most)
		return;
	if (random_below(&pair->random, 3) == 0)
		network_pair_wait(pair, id, &client);
	else
		network_pair_admit(pair, id, &client, &standing);
}

static void
kill_one(struct network_pair *pair)
{
	uint32_t id = model_pick(&pair->model, TS_HOLDER_LIVE, &pair->random);

	if (id != TS_SLOTS_NONE)
		network_pair_kill(pair, id);
}

/* At any connection: it is harmless where it is not live. */
static void
look(struct network_pair *pair)
{
	uint32_t id = random_below(&pair->random, pair->model.ids);
	uint32_t more = random_below(&pair->random, 2) == 0 ? 2000 : 2000000;

	network_pair_look(pair, id,
	    pair->model.connections[id].bytes +
		random_below(&pair->random, more),
	    random_below(&pair->random, 2) == 0);
}

/* Up to 3 s; in coarse steps, so that much is equal, or in fine ones. */
static void
pass_time(struct network_pair *pair)
{
	static const uint32_t longest_ms[] = { 1, 20, 300, 3000 };
	int64_t ms =
	    random_below(&pair->random, longest_ms[pair->seed % 4] + 1);

	if (pair->seed % 8 < 4)
		pair->now.ns += ms / 250 * 250 * 1000000;
	else
		pair->now.ns +=
		    ms * 1000000 + random_below(&pair->random, 1000000);
	network_pair_age(pair);
}

static void
step(struct network_pair *pair, const struct setting *setting)
{
	/* In a hundred: so many arrive.  Some histories fill, some drain. */
	uint32_t arrivals = 30 + (uint32_t)(pair->seed % 5) * 10;
	uint32_t chance = random_below(&pair->random, 100);

	if (chance < arrivals)
		arrive(pair, setting);
	else if (chance < arrivals + 15)
		/* Of an id that may be free: then it is harmless. */
		network_pair_remove(pair,
		    random_below(&pair->random, pair->model.ids));
	else if (chance < arrivals + 20)
		kill_one(pair);
	else if (chance < arrivals + 25)
		look(pair);
	else
		pass_time(pair);
}

/* The weight in a row of the list of all sources, heaviest first; or 0. */
static uint32_t
weight_in_order(const struct model_tally *tally, unsigned row)
{
	uint32_t below = UINT32_MAX;
	unsigned listed = 0;

	while (listed <= row && below > 0) {
		uint32_t most = 0;
		unsigned as_heavy = 0;

		for (uint32_t i = 1; i < tally->count; i++) {
			const struct model_network *network =
			    &tally->networks[i];

			/* A source has no networks inside it. */
			if (network->heaviest != TS_SLOTS_NONE ||
			    network->weight >= below || network->weight < most)
				continue;
			as_heavy = network->weight > most ? 1 : as_heavy + 1;
			most = network->weight;
		}
		listed += as_heavy;
		below = most;
	}
	return below;
}

static void
compare_list(struct network_pair *pair)
{
	struct ts_source_weight list[TS_NETWORK_TABLE_LISTED];
	unsigned count = ts_network_table_list(&pair->table, list);

	for (unsigned i = 0; i < TS_NETWORK_TABLE_LISTED; i++)
		network_pair_demand(pair, "the weight of a listed source",
		    i < count ? list[i].weight : 0,
		    weight_in_order(&pair->tally, i));
}

static void
check(struct network_pair *pair, const struct setting *setting, uint32_t number)
{
	struct model_client client =
	    model_any_client(setting->spread, &pair->random);

	network_pair_compare(pair);
	network_pair_compare_client(pair, &client);
	if (number % 8 != 0)
		return;
	network_pair_compare_connections(pair);
	compare_list(pair);
	network_shape_check(&pair->table, pair->seed);
}

static void
run_history(const struct setting *setting, uint64_t seed)
{
	static struct network_pair pair;

	network_pair_open(&pair, setting->ids, setting->most, setting->heavy,
	    seed);
	for (uint32_t i = 0; i < setting->steps; i++) {
		step(&pair, setting);
		check(&pair, setting, i);
	}
	for (uint32_t id = 0; id < setting->ids; id++)
		network_pair_remove(&pair, id);
	network_shape_check(&pair.table, seed);
	network_pair_demand(&pair, "the count in the end", pair.table.top.held,
	    0);
	network_pair_demand(&pair, "the nodes in the end",
	    pair.table.index.slots.used, 0);
	network_pair_close(&pair);
}

static struct setting settings[] = {
	{ 12, 10, 1, 1, 200, 400 },
	{ 12, 10, 8, 2, 200, 400 },
	{ 64, 50, 2, 8, 60, 800 },
	{ 64, 64, 6, 8, 60, 800 },
	{ 300, 280, 2, 8, 12, 1600 },
	{ 300, 280, 8, 8, 12, 1600 },
};

static void
is_as_a_plain_list_says(void **state)
{
	const struct setting *setting = *state;

	print_message("# seeds 1 to %u\n", setting->seeds);
	for (uint64_t seed = 1; seed <= setting->seeds; seed++)
		run_history(setting, seed);
}

/* --- Single promises ----------------------------------------------------- */

static const struct ts_standing new_standing = { .is_unseen = true };

/* Source number C of network number B of number A, by IPv4. */
static struct model_client
ipv4(uint32_t a, uint32_t b, uint32_t c)
{
	struct random_stream random = { 1 };
	const uint32_t numbers[TS_NETWORK_LEVELS] = { a, b, c };

	return model_client(0, numbers, &random);
}

static struct network_pair pair;

static int
open_small(void **state)
{
	(void)state;
	network_pair_open(&pair, 32, 32, 8, 1);
	return 0;
}

static int
close_small(void **state)
{
	(void)state;
	network_shape_check(&pair.table, 1);
	network_pair_close(&pair);
	return 0;
}

static void
admit(uint32_t id, struct model_client client)
{
	network_pair_admit(&pair, id, &client, &new_standing);
}

static void
wait_for_slot(uint32_t id, struct model_client client)
{
	network_pair_wait(&pair, id, &client);
	pair.now.ns++;
}

static uint32_t
weight_of_all(void)
{
	return pair.table.top.weight;
}

static void
lagging_ones_are_heavy_and_killed_ones_have_paid(void **state)
{
	(void)state;
	admit(0, ipv4(0, 0, 0));
	admit(1, ipv4(0, 0, 1));
	assert_int_equal(weight_of_all(), 2);
	network_pair_look(&pair, 0, 0, true);
	assert_int_equal(weight_of_all(), 9);
	network_pair_kill(&pair, 1);
	assert_int_equal(weight_of_all(), 8);
	network_pair_kill(&pair, 0);
	assert_int_equal(weight_of_all(), 0);
	assert_int_equal(ts_network_table_held(&pair.table), 2);
	assert_int_equal(ts_network_table_killed(&pair.table), 2);
	network_pair_remove(&pair, 0);
	assert_int_equal(ts_network_table_held(&pair.table), 1);
}

static void
is_young_for_exactly_a_second(void **state)
{
	(void)state;
	admit(3, ipv4(0, 0, 0));
	pair.now.ns += SECOND_NS - 1;
	network_pair_age(&pair);
	assert_true(pair.table.holders[3].is_young);
	pair.now.ns += 1;
	network_pair_age(&pair);
	assert_false(pair.table.holders[3].is_young);
}

/* Older before younger, lagging before not lagging, earlier credit first. */
static void
the_stalest_goes_first(void **state)
{
	static const uint32_t order[] = { 1, 2, 0, 4, 3, 5 };

	(void)state;
	for (uint32_t id = 0; id < 3; id++)
		admit(id, ipv4(0, 0, 0));
	pair.now.ns += SECOND_NS;
	for (uint32_t id = 3; id < 6; id++)
		admit(id, ipv4(0, 0, 0));
	network_pair_age(&pair);
	network_pair_look(&pair, 0, 500, false);
	network_pair_look(&pair, 1, 100000, true);
	network_pair_look(&pair, 4, 100000, true);
	for (uint32_t i = 0; i < 6; i++) {
		assert_int_equal(ts_network_table_victim(&pair.table),
		    order[i]);
		network_pair_remove(&pair, order[i]);
	}
	assert_int_equal(ts_network_table_victim(&pair.table), TS_SLOTS_NONE);
}

/* However many bytes: up to the most that the kernel's counters hold. */
static void
one_that_has_moved_more_is_never_staler(void **state)
{
	const struct ts_holder *holder = &pair.table.holders[3];
	int64_t last;

	(void)state;
	admit(3, ipv4(0, 0, 0));
	last = holder->credit.ns;
	assert_int_equal(last, pair.now.ns + 5 * SECOND_NS);
	for (int bits = 1; bits <= 64; bits++) {
		ts_network_table_look(&pair.table, 3, UINT64_MAX >> (64 - bits),
		    false, pair.now);
		if (holder->credit.ns < last)
			fail_msg("staler with %d bits of bytes", bits);
		last = holder->credit.ns;
	}
	assert_int_equal(last, pair.now.ns + 30 * SECOND_NS);
	network_pair_remove(&pair, 3);
}

/* A connection that parks and comes back is the same in all but the slot. */
static void
a_standing_is_carried_to_the_next_slot(void **state)
{
	struct model_client client = ipv4(0, 0, 0);
	struct ts_standing standing;

	(void)state;
	admit(3, client);
	pair.now.ns += 400 * INT64_C(1000000);
	network_pair_look(&pair, 3, 700, true);
	standing = ts_network_table_standing(&pair.table, 3, 900, pair.now);
	assert_int_equal(standing.served_ns, 400 * INT64_C(1000000));
	assert_int_equal(standing.moved_bytes, 900);
	assert_false(standing.is_unseen);
	assert_true(standing.lags);
	network_pair_remove(&pair, 3);
	/* Parked time does not count. */
	pair.now.ns += 100 * SECOND_NS;
	network_pair_admit(&pair, 5, &client, &standing);
	assert_int_equal(weight_of_all(), 8);
	assert_int_equal(pair.table.holders[5].credit.ns,
	    pair.now.ns + 5 * SECOND_NS + (1800 - 400) * INT64_C(1000000));
	pair.now.ns += 600 * INT64_C(1000000) - 1;
	network_pair_age(&pair);
	assert_true(pair.table.holders[5].is_young);
	pair.now.ns += 1;
	network_pair_age(&pair);
	assert_false(pair.table.holders[5].is_young);
}

/* The widest network that is heaviest pays, though no source in it is. */
static void
the_heaviest_network_pays_at_every_level(void **state)
{
	(void)state;
	for (uint32_t id = 0; id < 3; id++)
		admit(id, ipv4(0, 0, 0));
	for (uint32_t id = 3; id < 7; id++)
		admit(id, ipv4(1, id, id));
	admit(7, ipv4(1, 5, 0));
	/* Network 1 holds 5, inside it network 5 two, of two sources. */
	assert_int_equal(ts_network_table_victim(&pair.table), 5);
	network_pair_kill(&pair, 5);
	/* Still 4 of network 1, and one of each in it. */
	assert_int_equal(ts_network_table_victim(&pair.table), 3);
	network_pair_kill(&pair, 3);
	network_pair_kill(&pair, 4);
	/* Network 0 holds three, network 1 two. */
	assert_int_equal(ts_network_table_victim(&pair.table), 0);
	network_pair_remove(&pair, 5);
	network_pair_compare(&pair);
}

/* A network all of whose connections were killed has nothing left to give. */
static void
where_all_have_been_killed_the_next_network_pays(void **state)
{
	(void)state;
	admit(0, ipv4(0, 0, 0));
	admit(1, ipv4(0, 1, 0));
	admit(2, ipv4(0, 1, 1));
	admit(3, ipv4(1, 0, 0));
	network_pair_kill(&pair, 0);
	assert_int_equal(ts_network_table_victim(&pair.table), 1);
	network_pair_kill(&pair, 1);
	assert_int_equal(ts_network_table_victim(&pair.table), 2);
	network_pair_kill(&pair, 2);
	assert_int_equal(ts_network_table_victim(&pair.table), 3);
	network_pair_kill(&pair, 3);
	assert_int_equal(ts_network_table_victim(&pair.table), TS_SLOTS_NONE);
}

/*
 * The lightest network is first, and those that wait do not count; the one that
 * holds and waits for the most is last.
 */
static void
the_lightest_is_first_and_the_greatest_claim_last(void **state)
{
	static const uint32_t order[] = { 4, 5, 6, 7, 8, 3, 2 };

	(void)state;
	admit(0, ipv4(0, 0, 0));
	admit(1, ipv4(0, 1, 0));
	wait_for_slot(2, ipv4(0, 0, 0));
	wait_for_slot(3, ipv4(0, 2, 0));
	for (uint32_t id = 4; id < 9; id++)
		wait_for_slot(id, ipv4(1, 0, 0));
	/* Network 0 claims 4, network 1 five. */
	assert_int_equal(ts_network_table_last_waiting(&pair.table), 8);
	for (uint32_t i = 0; i < 7; i++) {
		assert_int_equal(ts_network_table_first_waiting(&pair.table),
		    order[i]);
		network_pair_remove(&pair, order[i]);
	}
	assert_int_equal(ts_network_table_first_waiting(&pair.table),
	    TS_SLOTS_NONE);
	assert_int_equal(ts_network_table_last_waiting(&pair.table),
	    TS_SLOTS_NONE);
}

/* --- The list ------------------------------------------------------------ */

/* Sources of several networks, their weights in no order. */
static void
lists_the_ten_heaviest(void **state)
{
	struct ts_source_weight listed[TS_NETWORK_TABLE_LISTED];
	struct network_pair *big = test_malloc(sizeof(*big));
	uint32_t id = 0;

	(void)state;
	network_pair_open(big, 256, 256, 8, 1);
	assert_int_equal(ts_network_table_list(&big->table, listed), 0);
	/* Source i of network i % 5 has i * 5 % 19 slots: 0 to 18. */
	for (uint32_t i = 0; i < 19; i++) {
		struct model_client client = ipv4(i % 5, i % 3, i % 8);

		for (uint32_t n = i * 5 % 19; n > 0; n--)
			network_pair_admit(big, id++, &client, &new_standing);
	}
	assert_int_equal(ts_network_table_list(&big->table, listed),
	    TS_NETWORK_TABLE_LISTED);
	for (uint32_t i = 0; i < TS_NETWORK_TABLE_LISTED; i++) {
		assert_int_equal(listed[i].held, 18 - i);
		assert_int_equal(listed[i].weight, 18 - i);
		assert_int_equal(
		    ts_network_table_find(&big->table, listed[i].source)->held,
		    18 - i);
	}
	network_pair_close(big);
	test_free(big);
}

/* Also where nothing is left of a source but slots of killed connections. */
static void
lists_sources_that_were_killed_last(void **state)
{
	struct ts_source_weight listed[TS_NETWORK_TABLE_LISTED];

	(void)state;
	admit(0, ipv4(0, 0, 0));
	admit(1, ipv4(0, 0, 1));
	admit(2, ipv4(1, 0, 0));
	network_pair_kill(&pair, 0);
	assert_int_equal(ts_network_table_list(&pair.table, listed), 3);
	assert_int_equal(listed[2].weight, 0);
	assert_int_equal(listed[2].held, 1);
}

/* --- Many ---------------------------------------------------------------- */

#define MANY 16384
/*
 * No chain may be longer than this, with at least as many buckets as nodes and
 * a good hash: 65,536 thrown at random have one of more than 13 once in 10^6.
 */
#define MAX_CHAIN 13

/* Source number `n`, where neighbours differ by `stride`. */
static struct ts_chain
chain_of_ipv4(uint32_t n, uint32_t stride)
{
	uint32_t bits = n * stride;
	struct ts_addr addr = {
		.kind = TS_ADDR_IPV4,
		.bytes = { (uint8_t)(bits >> 24), (uint8_t)(bits >> 16),
		    (uint8_t)(bits >> 8), (uint8_t)bits },
	};
	struct ts_chain chain;

	ts_chain_of(&chain, &addr);
	return chain;
}

/* Neighbours, and those whose numbers differ only above the buckets' mask. */
static const uint32_t strides[] = { 1, 256, 65536, 262144 };

static void
hold_many(struct ts_network_table *table, uint32_t stride)
{
	struct ts_monotime now = { 0 };

	for (uint32_t i = 0; i < MANY; i++) {
		struct ts_chain chain = chain_of_ipv4(i, stride);

		ts_network_table_admit(table, i, &chain, &new_standing, now);
		now.ns += 1000000;
		ts_network_table_age(table, now);
	}
	assert_int_equal(ts_network_table_held(table), MANY);
	network_shape_check(table, stride);
	assert_in_range(network_shape_longest_chain(table), 1, MAX_CHAIN);
}

static void
holds_many_of_many_sources_in_short_chains(void **state)
{
	static const struct ts_siphash_key key = { { 17, 42 } };
	size_t bytes = ts_network_table_bytes(MANY, MANY);
	void *memory = test_malloc(bytes);
	struct ts_network_table table;

	(void)state;
	for (uint32_t i = 0; i < sizeof(strides) / sizeof(strides[0]); i++) {
		memset(memory, 0, bytes);
		ts_network_table_init(&table, memory, MANY, MANY, 8, &key);
		hold_many(&table, strides[i]);
		for (uint32_t id = 0; id < MANY; id++)
			ts_network_table_remove(&table, id);
		network_shape_check(&table, 1);
	}
	test_free(memory);
}

/* The memory is for the worst case: every connection has five networks of its
 * own. */
static void
has_room_for_connections_that_share_no_network(void **state)
{
	struct random_stream random = { 1 };

	(void)state;
	network_pair_close(&pair);
	network_pair_open(&pair, 9, 8, 8, 1);
	for (uint32_t id = 0; id < 8; id++) {
		const uint32_t numbers[TS_NETWORK_LEVELS] = { id };

		admit(id, model_client(1, numbers, &random));
	}
	assert_int_equal(pair.table.index.slots.used, 40);
	network_pair_compare(&pair);
}

#define HISTORY(name, number)                                              \
	{                                                                  \
		"is as a plain list says: " name, is_as_a_plain_list_says, \
		    NULL, NULL, &settings[number]                          \
	}
#define SMALL(test) \
	cmocka_unit_test_setup_teardown(test, open_small, close_small)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HISTORY("12 ids, few networks", 0),
		HISTORY("12 ids, many networks", 1),
		HISTORY("64 ids, few networks", 2),
		HISTORY("64 ids, many networks", 3),
		HISTORY("300 ids, few networks", 4),
		HISTORY("300 ids, many networks", 5),
		SMALL(lagging_ones_are_heavy_and_killed_ones_have_paid),
		SMALL(is_young_for_exactly_a_second),
		SMALL(the_stalest_goes_first),
		SMALL(one_that_has_moved_more_is_never_staler),
		SMALL(a_standing_is_carried_to_the_next_slot),
		SMALL(the_heaviest_network_pays_at_every_level),
		SMALL(where_all_have_been_killed_the_next_network_pays),
		SMALL(the_lightest_is_first_and_the_greatest_claim_last),
		SMALL(lists_sources_that_were_killed_last),
		cmocka_unit_test(lists_the_ten_heaviest),
		cmocka_unit_test(holds_many_of_many_sources_in_short_chains),
		SMALL(has_room_for_connections_that_share_no_network),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
