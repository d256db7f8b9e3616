/* SPDX-License-Identifier: MIT */
/* How many connections a source holds, against a plain list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/srclimit.h"
#include "random.h"

#define CAPACITY 24
/* More sources than places, and than buckets: chains are long. */
#define SOURCES 60
#define BUCKETS 32
#define STEPS 30000

/* The table, and beside it what every source holds. */
struct pair {
	struct ts_srclimit limit;
	uint32_t next[CAPACITY];
	struct ts_srclimit_entry entries[CAPACITY];
	uint32_t buckets[BUCKETS];
	uint32_t model[SOURCES];
	/* The place of each connection held, and whose it is. */
	uint32_t places[CAPACITY];
	uint32_t owners[CAPACITY];
	uint32_t held;
};

static const struct ts_siphash_key key = { { 17, 42 } };

/* Half of them share their bits with another kind of source. */
static struct ts_source
source(uint32_t number)
{
	return (struct ts_source){ .kind = number % 2, .bits = number / 2 };
}

static void
init(struct pair *pair, uint32_t capacity, uint32_t share)
{
	const struct ts_srclimit_memory memory = { pair->next, pair->entries,
		pair->buckets };

	assert_true(ts_slots_bucket_count(capacity) <= BUCKETS);
	*pair = (struct pair){ .held = 0 };
	ts_srclimit_init(&pair->limit, &memory, capacity, share, &key);
}

static uint32_t
add(struct pair *pair, uint32_t number)
{
	uint32_t place = ts_srclimit_add(&pair->limit, source(number));

	if (place == TS_SLOTS_NONE) {
		assert_int_equal(pair->model[number], pair->limit.share);
		return place;
	}
	assert_in_range(place, 0, pair->limit.slots.capacity - 1);
	pair->model[number]++;
	pair->places[pair->held] = place;
	pair->owners[pair->held] = number;
	pair->held++;
	return place;
}

/* Ends connection `i` of those that are held. */
static void
end(struct pair *pair, uint32_t i)
{
	ts_srclimit_remove(&pair->limit, pair->places[i]);
	pair->model[pair->owners[i]]--;
	pair->held--;
	pair->places[i] = pair->places[pair->held];
	pair->owners[i] = pair->owners[pair->held];
}

static void
check(const struct pair *pair)
{
	uint32_t used = 0;

	for (uint32_t i = 0; i < SOURCES; i++) {
		assert_int_equal(ts_srclimit_count(&pair->limit, source(i)),
		    pair->model[i]);
		used += pair->model[i] > 0 ? 1 : 0;
	}
	assert_int_equal(pair->limit.slots.used, used);
}

static void
a_source_has_its_share_and_no_more(void **state)
{
	struct pair pair;

	(void)state;
	init(&pair, CAPACITY, 3);
	for (int i = 0; i < 3; i++)
		assert_int_not_equal(add(&pair, 5), TS_SLOTS_NONE);
	assert_int_equal(add(&pair, 5), TS_SLOTS_NONE);
	assert_int_equal(add(&pair, 5), TS_SLOTS_NONE);
	/* A refusal counts nothing, and another source is none of it. */
	check(&pair);
	assert_int_not_equal(add(&pair, 4), TS_SLOTS_NONE);
	end(&pair, 0);
	assert_int_not_equal(add(&pair, 5), TS_SLOTS_NONE);
	check(&pair);
}

static void
all_connections_of_a_source_have_one_place(void **state)
{
	struct pair pair;
	uint32_t place;

	(void)state;
	init(&pair, CAPACITY, CAPACITY);
	place = add(&pair, 9);
	(void)add(&pair, 10);
	assert_int_equal(add(&pair, 9), place);
	/* It is kept until the last one ends. */
	end(&pair, 0);
	assert_int_equal(ts_srclimit_count(&pair.limit, source(9)), 1);
	assert_int_equal(add(&pair, 9), place);
}

/* As many sources as places, in chains, taken out of every end of them. */
static void
a_full_table_forgets_nobody(void **state)
{
	struct random_stream random = { 4 };
	struct pair pair;

	(void)state;
	init(&pair, CAPACITY, 2);
	for (int round = 0; round < 50; round++) {
		for (uint32_t i = 0; pair.held < CAPACITY; i++)
			assert_int_not_equal(
			    add(&pair, (i + (uint32_t)round) % SOURCES),
			    TS_SLOTS_NONE);
		check(&pair);
		while (pair.held > 0) {
			end(&pair, random_below(&random, pair.held));
			check(&pair);
		}
	}
}

static void
a_table_of_one_place_works(void **state)
{
	struct pair pair;

	(void)state;
	init(&pair, 1, 1);
	for (uint32_t i = 0; i < SOURCES; i++) {
		assert_int_equal(add(&pair, i), 0);
		assert_int_equal(add(&pair, i), TS_SLOTS_NONE);
		check(&pair);
		end(&pair, 0);
	}
}

static void
agrees_with_the_list_over_a_random_history(void **state)
{
	struct random_stream random = { 5 };
	struct pair pair;

	(void)state;
	init(&pair, CAPACITY, 3);
	for (int step = 0; step < STEPS; step++) {
		if (pair.held == CAPACITY ||
		    (pair.held > 0 && random_below(&random, 5) < 2))
			end(&pair, random_below(&random, pair.held));
		else
			(void)add(&pair, random_below(&random, SOURCES));
		check(&pair);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_source_has_its_share_and_no_more),
		cmocka_unit_test(all_connections_of_a_source_have_one_place),
		cmocka_unit_test(a_full_table_forgets_nobody),
		cmocka_unit_test(a_table_of_one_place_works),
		cmocka_unit_test(agrees_with_the_list_over_a_random_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
