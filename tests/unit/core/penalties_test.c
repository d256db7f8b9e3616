/* SPDX-License-Identifier: MIT */
/* Penalties: who is refused, for how long, and that nobody pays for others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>

#include "core/penalties.h"
#include "random.h"

#define BUCKETS 64
#define MOST_ENTRIES (BUCKETS * TS_PENALTIES_WAYS)
#define STEPS 20000
#define SOURCES 40
/* As numbers of the model, which has fractions. */
#define MOST ((double)TS_PENALTY_MOST)
#define THRESHOLD ((double)TS_PENALTY_THRESHOLD)

static const struct ts_siphash_key key = { { 1, 2 } };

static struct ts_penalty entries[MOST_ENTRIES];
static struct ts_penalties penalties;

static struct ts_network
source_of(uint32_t number)
{
	return (struct ts_network){ TS_ADDR_IPV4, number };
}

static struct ts_monotime
at_ms(uint64_t ms)
{
	return (struct ts_monotime){ (int64_t)ms * 1000000 };
}

static bool
holds(uint32_t number, uint64_t ms)
{
	return ts_penalties_holds(&penalties, source_of(number), at_ms(ms));
}

static void
add(uint32_t number, uint32_t points, uint64_t ms)
{
	ts_penalties_add(&penalties, source_of(number), points, at_ms(ms));
}

/* Whether a source is listed, and as what. */
static bool
find(uint32_t number, uint64_t ms, struct ts_penalty_view *ret_view)
{
	uint32_t cursor = 0;

	while (ts_penalties_next(&penalties, &cursor, at_ms(ms), ret_view))
		if (ret_view->source.bits == number)
			return true;
	return false;
}

static void
begin(uint32_t buckets)
{
	ts_penalties_init(&penalties, entries, buckets, &key);
}

/* --- By rule ------------------------------------------------------------- */

static void
nobody_is_refused_at_first(void **state)
{
	struct ts_penalty_view view;

	(void)state;
	begin(BUCKETS);
	assert_false(holds(1, 0));
	assert_false(find(1, 0, &view));
	assert_false(ts_penalties_forgive(&penalties, source_of(1)));
}

static void
one_crash_does_nothing_and_two_forbidden_calls_do(void **state)
{
	(void)state;
	begin(BUCKETS);
	add(1, TS_PENALTY_CRASH, 0);
	assert_false(holds(1, 0));
	add(2, TS_PENALTY_FORBIDDEN_CALL, 0);
	assert_false(holds(2, 0));
	add(2, TS_PENALTY_FORBIDDEN_CALL, 0);
	assert_true(holds(2, 0));
	assert_true(holds(2, 999));
	assert_false(holds(2, 1000));
	/* It costs nobody else anything. */
	assert_false(holds(1, 0));
	assert_false(ts_penalties_holds(&penalties,
	    (struct ts_network){ TS_ADDR_IPV6, 2 }, at_ms(0)));
}

static bool
is_refused_in_an_hour(uint32_t interval_ms)
{
	bool was = false;

	begin(BUCKETS);
	for (uint64_t ms = 0; ms < 3600000; ms += interval_ms) {
		add(1, TS_PENALTY_CRASH, ms);
		was = was || holds(1, ms);
	}
	return was;
}

static void
a_loop_of_crashes_is_refused_and_some_crashes_are_not(void **state)
{
	(void)state;
	assert_true(is_refused_in_an_hour(100));
	assert_true(is_refused_in_an_hour(8000));
	assert_false(is_refused_in_an_hour(11000));
	assert_false(is_refused_in_an_hour(60000));
}

static void
points_halve_every_minute(void **state)
{
	static const uint32_t expected[] = { 80, 40, 20, 10, 5, 2, 1 };
	struct ts_penalty_view view;

	(void)state;
	begin(BUCKETS);
	add(1, 80, 500);
	for (uint32_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		assert_true(find(1, 500 + 60000 * (uint64_t)i, &view));
		assert_int_equal(view.points, expected[i]);
		assert_int_equal(view.left_s, 0);
	}
	assert_false(find(1, 500 + 7 * 60000, &view));
	/* Half a minute is the root of a half: 80 * 0.7071. */
	assert_true(find(1, 30500, &view));
	assert_int_equal(view.points, 56);
}

static void
nobody_is_refused_for_longer_than_ten_minutes(void **state)
{
	const uint64_t longest_ms = (uint64_t)TS_PENALTY_LONGEST_S * 1000;
	struct ts_penalty_view view;

	(void)state;
	begin(BUCKETS);
	for (unsigned i = 0; i < 100000; i++)
		add(1, TS_PENALTY_REPORTED_MOST, 0);
	assert_true(find(1, 0, &view));
	assert_true(view.points < TS_PENALTY_MOST);
	assert_int_equal(view.left_s, TS_PENALTY_LONGEST_S);
	assert_true(holds(1, longest_ms - 1));
	assert_false(holds(1, longest_ms));
	assert_true(find(1, longest_ms, &view));
	assert_int_equal(view.left_s, 0);
}

static void
what_is_left_is_how_long_it_is_refused(void **state)
{
	struct ts_penalty_view view;

	(void)state;
	for (unsigned times = 1; times < 300; times += 7) {
		begin(BUCKETS);
		for (unsigned i = 0; i < times; i++)
			add(1, 100, 0);
		assert_true(find(1, 0, &view));
		assert_true(view.left_s > 0);
		assert_true(holds(1, view.left_s * UINT64_C(1000) - 1));
		assert_false(holds(1, view.left_s * UINT64_C(1000)));
	}
}

static void
who_is_forgiven_has_no_points(void **state)
{
	struct ts_penalty_view view;

	(void)state;
	begin(BUCKETS);
	add(1, 100, 0);
	add(2, 100, 0);
	assert_true(ts_penalties_forgive(&penalties, source_of(1)));
	assert_false(holds(1, 0));
	assert_false(find(1, 0, &view));
	assert_true(holds(2, 0));
	assert_false(ts_penalties_forgive(&penalties, source_of(1)));
	add(1, 10, 0);
	assert_false(holds(1, 0));
}

/* Points that come every moment do not stop the halving. */
static void
many_small_steps_are_as_one_large_one(void **state)
{
	struct ts_penalty_view view;

	(void)state;
	begin(BUCKETS);
	/* 1 point each 100 ms: in the end 10 / (1 - 2^(-1/60)) = 870. */
	for (uint64_t ms = 0; ms < 1200000; ms += 100)
		add(1, 1, ms);
	assert_true(find(1, 1200000, &view));
	assert_in_range(view.points, 855, 880);
}

static void
time_that_seems_to_go_back_changes_nothing(void **state)
{
	(void)state;
	begin(BUCKETS);
	add(1, 100, 90000);
	assert_true(holds(1, 30000));
	add(1, 1, 30000);
	assert_true(holds(1, 90000));
	assert_false(holds(1, 92000));
}

/* --- Against a model ----------------------------------------------------- */

/* Each source apart, with no bound on how many there are. */
static struct {
	double points;
	uint64_t ms;
} model[SOURCES];

static double
model_points(uint32_t number, uint64_t ms)
{
	/* 2^(-1/600): what is left after a tenth of a second. */
	static const double tenth = 0.99884542006;
	double points = model[number].points;

	for (uint64_t t = model[number].ms; t + 100 <= ms && points > 0.01;
	     t += 100)
		points *= tenth;
	return points;
}

static void
model_add(uint32_t number, uint32_t points, uint64_t ms)
{
	double sum = model_points(number, ms) + points;

	model[number].points = sum < MOST ? sum : MOST;
	model[number].ms = ms;
}

static bool
is_near(double a, double b)
{
	/* A second more or less, and what is rounded. */
	return a < b * 1.013 + 1.1 && b < a * 1.013 + 1.1;
}

static void
expect_as_model(uint32_t number, uint64_t ms)
{
	struct ts_penalty_view view = { .points = 0 };
	double points = model_points(number, ms);

	if (!find(number, ms, &view))
		view.points = 0;
	if (!is_near(view.points, points))
		fail_msg("%u points, not %f", view.points, points);
	if (!is_near(points, THRESHOLD))
		assert_true(holds(number, ms) == (points > THRESHOLD));
}

static void
a_history_at_random_is_as_the_model_says(void **state)
{
	struct random_stream stream = { 7 };
	uint64_t ms = 0;
	uint32_t number;
	uint32_t points;

	(void)state;
	begin(BUCKETS);
	for (unsigned step = 0; step < STEPS; step++) {
		ms += 100 * random_below(&stream, 15);
		number = random_below(&stream, SOURCES);
		points = 1 + random_below(&stream, TS_PENALTY_REPORTED_MOST);
		if (random_below(&stream, 50) == 0) {
			(void)ts_penalties_forgive(&penalties,
			    source_of(number));
			model[number].points = 0;
		} else if (random_below(&stream, 3) == 0) {
			add(number, points, ms);
			model_add(number, points, ms);
		}
		expect_as_model(number, ms);
	}
}

/* --- More sources than entries ------------------------------------------- */

/* The points of all that are listed, by number; 0: not listed. */
static uint32_t
take_list(uint32_t points[SOURCES], uint64_t ms)
{
	struct ts_penalty_view view;
	uint32_t cursor = 0;
	uint32_t count = 0;

	for (uint32_t i = 0; i < SOURCES; i++)
		points[i] = 0;
	while (ts_penalties_next(&penalties, &cursor, at_ms(ms), &view)) {
		assert_true(view.source.bits < SOURCES);
		/* Each once. */
		assert_int_equal(points[view.source.bits], 0);
		points[view.source.bits] = view.points;
		count++;
	}
	return count;
}

static void
only_the_one_with_the_fewest_points_is_replaced(void **state)
{
	struct random_stream stream = { 3 };
	uint32_t before[SOURCES];
	uint32_t after[SOURCES];
	uint64_t ms = 0;
	uint32_t number;
	uint32_t gone;

	(void)state;
	begin(1);
	for (unsigned step = 0; step < STEPS; step++) {
		ms += random_below(&stream, 2000);
		number = random_below(&stream, SOURCES);
		(void)take_list(before, ms);
		add(number, 1 + random_below(&stream, 100), ms);
		assert_true(take_list(after, ms) <= TS_PENALTIES_WAYS);
		assert_true(after[number] > before[number]);
		gone = 0;
		for (uint32_t i = 0; i < SOURCES; i++) {
			if (i == number || before[i] == after[i])
				continue;
			assert_int_equal(after[i], 0);
			gone++;
			for (uint32_t k = 0; k < SOURCES; k++)
				assert_true(
				    before[k] == 0 || before[i] <= before[k]);
		}
		assert_true(gone <= 1);
	}
}

static void
a_flood_of_sources_does_not_free_one_that_is_refused(void **state)
{
	(void)state;
	begin(BUCKETS);
	for (unsigned i = 0; i < 20; i++)
		add(1, 100, 0);
	for (uint32_t i = 2; i < 100000; i++) {
		add(i, TS_PENALTY_CRASH, i);
		if (i % 1000 == 0)
			assert_true(holds(1, i));
	}
	assert_true(holds(1, 240000));
}

static void
sources_are_spread_over_the_whole_table(void **state)
{
	struct ts_penalty_view view;
	uint32_t cursor = 0;
	uint32_t count = 0;

	(void)state;
	begin(BUCKETS);
	for (uint32_t i = 0; i < MOST_ENTRIES / 2; i++)
		add(i, 100, 0);
	while (ts_penalties_next(&penalties, &cursor, at_ms(0), &view))
		count++;
	assert_in_range(count, MOST_ENTRIES * 45 / 100, MOST_ENTRIES / 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_is_refused_at_first),
		cmocka_unit_test(
		    one_crash_does_nothing_and_two_forbidden_calls_do),
		cmocka_unit_test(
		    a_loop_of_crashes_is_refused_and_some_crashes_are_not),
		cmocka_unit_test(points_halve_every_minute),
		cmocka_unit_test(nobody_is_refused_for_longer_than_ten_minutes),
		cmocka_unit_test(what_is_left_is_how_long_it_is_refused),
		cmocka_unit_test(who_is_forgiven_has_no_points),
		cmocka_unit_test(many_small_steps_are_as_one_large_one),
		cmocka_unit_test(time_that_seems_to_go_back_changes_nothing),
		cmocka_unit_test(a_history_at_random_is_as_the_model_says),
		cmocka_unit_test(
		    only_the_one_with_the_fewest_points_is_replaced),
		cmocka_unit_test(
		    a_flood_of_sources_does_not_free_one_that_is_refused),
		cmocka_unit_test(sources_are_spread_over_the_whole_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
