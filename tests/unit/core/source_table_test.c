/* SPDX-License-Identifier: MIT */
/* Who holds how much, and in which order they go: against a plain list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/source_table.h"
#include "crowd.h"
#include "holders_shape.h"

#define SECOND_NS INT64_C(1000000000)

static const struct ts_siphash_key key = { { 17, 42 } };

/* Histories of `steps` steps, from one seed after the other. */
struct setting {
	uint32_t capacity;
	struct crowd_people people;
	uint32_t seeds;
	uint32_t steps;
};

/* The table, and beside it the plain list. */
struct pair {
	struct setting setting;
	uint64_t seed;
	struct random_stream random;
	struct ts_monotime now;
	void *memory;
	struct ts_holders holders;
	struct crowd crowd;
};

static void
open_pair(struct pair *pair, const struct setting *setting, uint64_t seed)
{
	*pair = (struct pair){
		.setting = *setting,
		.seed = seed,
		.random.state = seed,
		.now.ns = (int64_t)seed * SECOND_NS,
		.memory =
		    test_malloc(ts_holders_memory_bytes(setting->capacity)),
		.crowd.capacity = setting->capacity,
	};
	ts_holders_init(&pair->holders, pair->memory, setting->capacity, &key);
}

static void
close_pair(struct pair *pair)
{
	test_free(pair->memory);
}

static void
demand_equal(const struct pair *pair, const char *what, uint32_t is,
    uint32_t expected)
{
	if (is != expected)
		fail_msg("seed %llu, capacity %u: %s is %u, not %u",
		    (unsigned long long)pair->seed, pair->setting.capacity,
		    what, is, expected);
}

static uint32_t
place_of(const struct pair *pair,
    const struct ts_holders_connection *connection)
{
	return (uint32_t)(connection - pair->holders.connections);
}

static uint32_t
who_goes(const struct pair *pair, enum crowd_choice choice,
    const struct crowd_person *person)
{
	return crowd_who_goes(&pair->crowd, choice, person, pair->now);
}

/* --- What the table is asked --------------------------------------------- */

/* Somebody who knocks, and his group: counts, and who of them goes. */
static void
compare_person(struct pair *pair, const struct crowd_person *person)
{
	struct ts_holders_source *source =
	    ts_holders_find_source(&pair->holders, person->key);
	struct ts_holders_group *group =
	    ts_holders_find_group(&pair->holders, ts_addr_group(person->key));

	demand_equal(pair, "a source's count", source ? source->count : 0,
	    crowd_count_source(&pair->crowd, person->source));
	demand_equal(pair, "a group's count", group ? group->count : 0,
	    crowd_count_group(&pair->crowd, person->group));
	if (source != NULL)
		demand_equal(pair, "a source's stalest",
		    place_of(pair, ts_holders_stalest_of(source)),
		    who_goes(pair, CROWD_OF_SOURCE, person));
	if (group != NULL)
		demand_equal(pair, "the stalest of a group's heaviest",
		    place_of(pair,
			ts_holders_stalest_of(ts_holders_heaviest_of(group))),
		    who_goes(pair, CROWD_HEAVIEST_OF_GROUP, person));
}

/* All that are here: counts, who goes, and each one's own figures. */
static void
compare_all(struct pair *pair)
{
	struct ts_holders *holders = &pair->holders;
	struct ts_holders_source *heaviest;

	demand_equal(pair, "the count", holders->count,
	    crowd_count(&pair->crowd));
	if (holders->count == 0)
		return;
	demand_equal(pair, "the stalest",
	    place_of(pair, ts_holders_stalest(holders)),
	    who_goes(pair, CROWD_ALL, NULL));
	heaviest = ts_holders_heaviest(holders);
	demand_equal(pair, "the heaviest's count", heaviest->count,
	    crowd_heaviest_count(&pair->crowd));
	demand_equal(pair, "the stalest of the heaviest",
	    place_of(pair, ts_holders_stalest_of(heaviest)),
	    who_goes(pair, CROWD_HEAVIEST, NULL));
}

static void
compare_places(struct pair *pair)
{
	for (uint32_t i = 0; i < pair->setting.capacity; i++) {
		const struct ts_holders_connection *connection =
		    &pair->holders.connections[i];

		demand_equal(pair, "presence", connection->source != NULL,
		    pair->crowd.members[i].is_here);
		if (connection->source == NULL)
			continue;
		demand_equal(pair, "youth", connection->is_young,
		    crowd_is_young(&pair->crowd, i, pair->now));
		demand_equal(pair, "whether the credit is right",
		    connection->credit.ns == crowd_credit_ns(&pair->crowd, i),
		    true);
	}
}

/* --- What happens to it -------------------------------------------------- */

static void
arrive(struct pair *pair)
{
	struct crowd_person person =
	    crowd_knock(&pair->setting.people, &pair->random);
	uint32_t place;

	if (pair->holders.count == pair->setting.capacity)
		return;
	place = crowd_pick(&pair->crowd, false, &pair->random);
	ts_holders_add(&pair->holders, place, person.key, pair->now);
	pair->crowd.members[place] = (struct crowd_member){
		.is_here = true,
		.person = person,
		.admitted_ns = pair->now.ns,
	};
}

/* Of a place that may be free: then it is harmless. */
static void
leave(struct pair *pair)
{
	uint32_t place = random_below(&pair->random, pair->setting.capacity);

	ts_holders_remove(&pair->holders, place);
	pair->crowd.members[place].is_here = false;
}

static void
move_bytes(struct pair *pair)
{
	uint32_t most = random_below(&pair->random, 2) == 0 ? 2000 : 2000000;
	uint32_t place;

	if (pair->holders.count == 0)
		return;
	place = crowd_pick(&pair->crowd, true, &pair->random);
	pair->crowd.members[place].bytes += random_below(&pair->random, most);
	ts_holders_credit(&pair->holders, place,
	    pair->crowd.members[place].bytes);
}

/* Up to 3 s; in coarse steps, so that much is equal, or in fine ones. */
static void
pass_time(struct pair *pair)
{
	static const uint32_t longest_ms[] = { 1, 20, 300, 3000 };
	int64_t ms =
	    random_below(&pair->random, longest_ms[pair->seed % 4] + 1);

	if (pair->seed % 8 < 4)
		pair->now.ns += ms / 250 * 250 * 1000000;
	else
		pair->now.ns +=
		    ms * 1000000 + random_below(&pair->random, 1000000);
	ts_holders_ripen(&pair->holders, pair->now);
}

static void
step(struct pair *pair)
{
	/* In a hundred: so many arrive.  Some histories fill, some drain. */
	uint32_t arrivals = 30 + (uint32_t)(pair->seed % 5) * 10;
	uint32_t chance = random_below(&pair->random, 100);

	if (chance < arrivals)
		arrive(pair);
	else if (chance < arrivals + 20)
		leave(pair);
	else if (chance < arrivals + 25)
		move_bytes(pair);
	else
		pass_time(pair);
}

static void
run_history(const struct setting *setting, uint64_t seed)
{
	struct crowd_person person;
	struct pair pair;

	open_pair(&pair, setting, seed);
	for (uint32_t i = 0; i < setting->steps; i++) {
		step(&pair);
		person = crowd_knock(&setting->people, &pair.random);
		compare_person(&pair, &person);
		compare_all(&pair);
		if (i % 8 == 0) {
			compare_places(&pair);
			holders_shape_check(&pair.holders, seed);
		}
	}
	for (uint32_t i = 0; i < setting->capacity; i++)
		ts_holders_remove(&pair.holders, i);
	holders_shape_check(&pair.holders, seed);
	demand_equal(&pair, "the count in the end", pair.holders.count, 0);
	close_pair(&pair);
}

static struct setting settings[] = {
	{ 8, { 1, 2 }, 200, 400 },
	{ 8, { 4, 4 }, 200, 400 },
	{ 9, { 2, 3 }, 200, 400 },
	{ 64, { 1, 3 }, 40, 800 },
	{ 64, { 8, 8 }, 40, 800 },
	{ 256, { 2, 4 }, 16, 1600 },
	{ 256, { 24, 24 }, 16, 1600 },
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

static const struct setting small = { 8, { 1, 8 }, 1, 1 };

static void
a_mapped_address_is_its_ipv4_address(void **state)
{
	struct random_stream random = { 1 };
	struct ts_source first = crowd_person(&small.people, 0, &random).key;
	struct ts_source again;

	(void)state;
	for (int i = 0; i < 20; i++) {
		again = crowd_person(&small.people, 0, &random).key;
		assert_int_equal(again.kind, first.kind);
		assert_int_equal(again.bits, first.bits);
	}
}

static void
is_young_for_exactly_a_second(void **state)
{
	struct random_stream random = { 1 };
	struct ts_source source = crowd_person(&small.people, 0, &random).key;
	struct pair pair;

	(void)state;
	open_pair(&pair, &small, 1);
	ts_holders_add(&pair.holders, 3, source, pair.now);
	pair.now.ns += SECOND_NS - 1;
	ts_holders_ripen(&pair.holders, pair.now);
	assert_true(pair.holders.connections[3].is_young);
	pair.now.ns += 1;
	ts_holders_ripen(&pair.holders, pair.now);
	assert_false(pair.holders.connections[3].is_young);
	close_pair(&pair);
}

/* However much it is: up to what the kernel's counters can say. */
static void
who_has_moved_more_is_never_staler(void **state)
{
	struct random_stream random = { 1 };
	struct ts_source source = crowd_person(&small.people, 0, &random).key;
	struct ts_holders_connection *connection;
	struct pair pair;
	int64_t last;

	(void)state;
	open_pair(&pair, &small, 1);
	ts_holders_add(&pair.holders, 3, source, pair.now);
	connection = &pair.holders.connections[3];
	last = connection->credit.ns;
	for (int bits = 0; bits <= 64; bits++) {
		uint64_t bytes = bits == 0 ? 0 : UINT64_MAX >> (64 - bits);

		ts_holders_credit(&pair.holders, 3, bytes);
		if (connection->credit.ns < last)
			fail_msg("staler with %llu bytes",
			    (unsigned long long)bytes);
		last = connection->credit.ns;
	}
	close_pair(&pair);
}

/* --- Many ---------------------------------------------------------------- */

#define MANY 16384
/*
 * What no chain may be longer than, with as many buckets as sources and a
 * good hash: 16,384 thrown at random have one of more than 12 once in 10^6.
 */
#define MAX_CHAIN 12

static struct ts_source
ipv4(uint32_t bits)
{
	return (struct ts_source){ .kind = TS_ADDR_IPV4, .bits = bits };
}

/* Neighbours, and those whose numbers differ only above the buckets' mask. */
static const uint32_t strides[] = { 1, 256, 65536, 262144 };

static void
hold_many(struct pair *pair, uint32_t stride)
{
	for (uint32_t i = 0; i < MANY; i++) {
		ts_holders_add(&pair->holders, i, ipv4(i * stride), pair->now);
		pair->now.ns += 1000000;
		ts_holders_ripen(&pair->holders, pair->now);
	}
	assert_int_equal(pair->holders.count, MANY);
	assert_int_equal(pair->holders.source_slots.used, MANY);
	holders_shape_check(&pair->holders, stride);
	assert_in_range(holders_shape_longest_chain(&pair->holders), 1,
	    MAX_CHAIN);
}

static void
holds_many_of_many_sources_in_short_ways(void **state)
{
	static const struct setting setting = { MANY, { 1, 1 }, 1, 1 };
	struct pair pair;

	(void)state;
	for (uint32_t i = 0; i < sizeof(strides) / sizeof(strides[0]); i++) {
		open_pair(&pair, &setting, 1);
		hold_many(&pair, strides[i]);
		/* They go in the order they came, though all weigh the same. */
		for (uint32_t id = 0; id < MANY; id++) {
			assert_int_equal(
			    place_of(&pair, ts_holders_stalest(&pair.holders)),
			    id);
			ts_holders_remove(&pair.holders, id);
		}
		holders_shape_check(&pair.holders, 1);
		close_pair(&pair);
	}
}

/* Sources of 12 groups, their counts in no order. */
static void
lists_the_ten_heaviest(void **state)
{
	static const struct setting setting = { 256, { 1, 1 }, 1, 1 };
	struct ts_holders_weight listed[TS_HOLDERS_LISTED];
	struct pair pair;
	uint32_t id = 0;

	(void)state;
	open_pair(&pair, &setting, 1);
	assert_int_equal(ts_holders_list_heaviest(&pair.holders, listed), 0);
	/* Source i of group i % 12 has as many as i * 5 % 19 says: 0 to 18. */
	for (uint32_t i = 0; i < 19; i++)
		for (uint32_t n = i * 5 % 19; n > 0; n--)
			ts_holders_add(&pair.holders, id++,
			    ipv4((i % 12) << 8 | i), pair.now);
	assert_int_equal(ts_holders_list_heaviest(&pair.holders, listed),
	    TS_HOLDERS_LISTED);
	for (uint32_t i = 0; i < TS_HOLDERS_LISTED; i++) {
		assert_int_equal(listed[i].count, 18 - i);
		assert_int_equal(
		    (uint32_t)(listed[i].source.bits & 0xff) * 5 % 19, 18 - i);
	}
	close_pair(&pair);
}

#define HISTORY(name, number)                                              \
	{                                                                  \
		"is as a plain list says: " name, is_as_a_plain_list_says, \
		    NULL, NULL, &settings[number]                          \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HISTORY("8 places, few sources", 0),
		HISTORY("8 places, many sources", 1),
		HISTORY("9 places", 2),
		HISTORY("64 places, few sources", 3),
		HISTORY("64 places, many sources", 4),
		HISTORY("256 places, few sources", 5),
		HISTORY("256 places, many sources", 6),
		cmocka_unit_test(a_mapped_address_is_its_ipv4_address),
		cmocka_unit_test(is_young_for_exactly_a_second),
		cmocka_unit_test(who_has_moved_more_is_never_staler),
		cmocka_unit_test(holds_many_of_many_sources_in_short_ways),
		cmocka_unit_test(lists_the_ten_heaviest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
