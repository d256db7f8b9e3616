/* SPDX-License-Identifier: MIT */
/* A free list: every place once, none lost, none twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>

#include "core/slots.h"
#include "random.h"

#define CAPACITY 37
#define STEPS 20000

static const struct {
	uint32_t capacity;
	uint32_t expected;
} bucket_counts[] = {
	/* Never fewer than 16, so that a mask is never empty. */
	{ 0, 16 },
	{ 1, 16 },
	{ 16, 16 },
	{ 17, 32 },
	{ 255, 256 },
	{ 256, 256 },
	{ 257, 512 },
	{ 16384, 16384 },
	{ 16385, 32768 },
};

static void
bucket_counts_are_powers_of_two(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bucket_counts) / sizeof(bucket_counts[0]);
	     i++)
		assert_int_equal(
		    ts_slots_bucket_count(bucket_counts[i].capacity),
		    bucket_counts[i].expected);
}

static void
a_table_without_places_is_full(void **state)
{
	struct ts_slots slots;
	uint32_t next[1];

	(void)state;
	ts_slots_init(&slots, next, 0);
	assert_int_equal(ts_slots_add(&slots), TS_SLOTS_NONE);
	assert_int_equal(slots.used, 0);
}

static void
a_table_of_one_place_has_one(void **state)
{
	struct ts_slots slots;
	uint32_t next[1];

	(void)state;
	ts_slots_init(&slots, next, 1);
	assert_int_equal(ts_slots_add(&slots), 0);
	assert_int_equal(ts_slots_add(&slots), TS_SLOTS_NONE);
}

static void
gives_every_place_once_and_then_none(void **state)
{
	struct ts_slots slots;
	uint32_t next[CAPACITY];
	bool is_taken[CAPACITY] = { false };

	(void)state;
	ts_slots_init(&slots, next, CAPACITY);
	for (uint32_t i = 0; i < CAPACITY; i++) {
		uint32_t index = ts_slots_add(&slots);

		assert_in_range(index, 0, CAPACITY - 1);
		assert_false(is_taken[index]);
		is_taken[index] = true;
		assert_int_equal(slots.used, i + 1);
	}
	assert_int_equal(ts_slots_add(&slots), TS_SLOTS_NONE);
	assert_int_equal(ts_slots_add(&slots), TS_SLOTS_NONE);
	assert_int_equal(slots.used, CAPACITY);
}

static void
agrees_with_a_plain_list_over_a_random_history(void **state)
{
	struct random_stream random = { 1 };
	struct ts_slots slots;
	uint32_t next[CAPACITY];
	bool is_taken[CAPACITY] = { false };
	uint32_t used = 0;

	(void)state;
	ts_slots_init(&slots, next, CAPACITY);
	for (int step = 0; step < STEPS; step++) {
		uint32_t index = random_below(&random, CAPACITY);

		if (is_taken[index]) {
			ts_slots_remove(&slots, index);
			is_taken[index] = false;
			used--;
		} else {
			index = ts_slots_add(&slots);
			assert_in_range(index, 0, CAPACITY - 1);
			assert_false(is_taken[index]);
			is_taken[index] = true;
			used++;
		}
		assert_int_equal(slots.used, used);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bucket_counts_are_powers_of_two),
		cmocka_unit_test(a_table_without_places_is_full),
		cmocka_unit_test(a_table_of_one_place_has_one),
		cmocka_unit_test(gives_every_place_once_and_then_none),
		cmocka_unit_test(
		    agrees_with_a_plain_list_over_a_random_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
