/* SPDX-License-Identifier: MIT */
/* The heap of deadlines against a list that is searched from end to end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/deadline.h"
#include "core/slots.h"
#include "random.h"

#define CAPACITY 41
#define STEPS 30000
/* Few moments, so that many are equal. */
#define MOMENTS 25

/* The heap, and beside it a moment for each index, NEVER where it has none. */
struct pair {
	struct ts_deadline deadline;
	struct ts_deadline_entry heap[CAPACITY];
	uint32_t place[CAPACITY];
	int64_t model[CAPACITY];
};

static struct ts_monotime
at(int64_t ns)
{
	return (struct ts_monotime){ ns };
}

static void
init(struct pair *pair)
{
	ts_deadline_init(&pair->deadline, pair->heap, pair->place, CAPACITY);
	for (uint32_t i = 0; i < CAPACITY; i++)
		pair->model[i] = INT64_MAX;
}

static void
set(struct pair *pair, uint32_t index, int64_t ns)
{
	ts_deadline_set(&pair->deadline, index, at(ns));
	pair->model[index] = ns;
}

static void
clear(struct pair *pair, uint32_t index)
{
	ts_deadline_clear(&pair->deadline, index);
	pair->model[index] = INT64_MAX;
}

static int64_t
earliest(const struct pair *pair)
{
	int64_t ns = INT64_MAX;

	for (uint32_t i = 0; i < CAPACITY; i++)
		if (pair->model[i] < ns)
			ns = pair->model[i];
	return ns;
}

static void
take_due(struct pair *pair, int64_t now)
{
	int64_t ns = earliest(pair);
	uint32_t index = ts_deadline_take_due(&pair->deadline, at(now));

	if (ns > now || ns == INT64_MAX) {
		assert_int_equal(index, TS_SLOTS_NONE);
		return;
	}
	assert_in_range(index, 0, CAPACITY - 1);
	assert_int_equal(pair->model[index], ns);
	pair->model[index] = INT64_MAX;
}

/* What deadline.h says is always true. */
static void
check(const struct pair *pair)
{
	const struct ts_deadline *deadline = &pair->deadline;
	uint32_t count = 0;

	assert_int_equal(ts_deadline_next(deadline).ns, earliest(pair));
	for (uint32_t i = 0; i < CAPACITY; i++) {
		uint32_t place = pair->place[i];

		if (pair->model[i] == INT64_MAX) {
			assert_int_equal(place, TS_SLOTS_NONE);
			continue;
		}
		count++;
		assert_in_range(place, 0, deadline->count - 1);
		assert_int_equal(pair->heap[place].index, i);
		assert_int_equal(pair->heap[place].when.ns, pair->model[i]);
		if (place > 0)
			assert_true(pair->heap[(place - 1) / 2].when.ns <=
			    pair->model[i]);
	}
	assert_int_equal(deadline->count, count);
}

static void
an_empty_one_has_nothing_due(void **state)
{
	struct pair pair;

	(void)state;
	init(&pair);
	check(&pair);
	assert_int_equal(ts_deadline_take_due(&pair.deadline, at(INT64_MAX)),
	    TS_SLOTS_NONE);
	clear(&pair, 0);
	check(&pair);
}

static void
takes_what_is_due_at_that_very_moment(void **state)
{
	struct pair pair;

	(void)state;
	init(&pair);
	set(&pair, 3, 100);
	assert_int_equal(ts_deadline_take_due(&pair.deadline, at(99)),
	    TS_SLOTS_NONE);
	assert_int_equal(ts_deadline_take_due(&pair.deadline, at(100)), 3);
	assert_int_equal(ts_deadline_take_due(&pair.deadline, at(100)),
	    TS_SLOTS_NONE);
}

static void
hastening_never_postpones(void **state)
{
	struct pair pair;

	(void)state;
	init(&pair);
	ts_deadline_hasten(&pair.deadline, 1, at(50));
	assert_int_equal(ts_deadline_next(&pair.deadline).ns, 50);
	ts_deadline_hasten(&pair.deadline, 1, at(60));
	assert_int_equal(ts_deadline_next(&pair.deadline).ns, 50);
	ts_deadline_hasten(&pair.deadline, 1, at(40));
	assert_int_equal(ts_deadline_next(&pair.deadline).ns, 40);
	ts_deadline_clear(&pair.deadline, 1);
	assert_int_equal(ts_deadline_take_due(&pair.deadline, at(100)),
	    TS_SLOTS_NONE);
}

static void
a_new_moment_takes_the_place_of_the_old(void **state)
{
	struct pair pair;

	(void)state;
	init(&pair);
	set(&pair, 1, 50);
	set(&pair, 2, 60);
	/* Later, so that another becomes the first; then earlier again. */
	set(&pair, 1, 70);
	check(&pair);
	set(&pair, 1, 10);
	check(&pair);
	/* Never is none. */
	set(&pair, 1, INT64_MAX);
	check(&pair);
	assert_int_equal(pair.deadline.count, 1);
}

static void
hands_out_all_in_order(void **state)
{
	struct random_stream random = { 2 };
	struct pair pair;
	int64_t last = 0;

	(void)state;
	init(&pair);
	for (uint32_t i = 0; i < CAPACITY; i++)
		set(&pair, i, random_below(&random, MOMENTS));
	for (uint32_t i = 0; i < CAPACITY; i++) {
		int64_t ns = ts_deadline_next(&pair.deadline).ns;

		assert_true(ns >= last);
		last = ns;
		take_due(&pair, MOMENTS);
		check(&pair);
	}
	assert_int_equal(pair.deadline.count, 0);
}

static void
agrees_with_the_list_over_a_random_history(void **state)
{
	struct random_stream random = { 3 };
	struct pair pair;

	(void)state;
	init(&pair);
	for (int step = 0; step < STEPS; step++) {
		uint32_t index = random_below(&random, CAPACITY);
		int64_t ns = random_below(&random, MOMENTS);

		switch (random_below(&random, 8)) {
		case 0:
		case 1:
			clear(&pair, index);
			break;
		case 2:
			take_due(&pair, ns);
			break;
		case 3:
			set(&pair, index, INT64_MAX);
			break;
		default:
			set(&pair, index, ns);
			break;
		}
		check(&pair);
	}
}

/* Of the memory that it is given, it touches no more than it was told. */
static void
init_stays_within_its_capacity(void **state)
{
	struct ts_deadline_entry heap[1];
	uint32_t place[2] = { 7, 7 };
	struct ts_deadline deadline;

	(void)state;
	ts_deadline_init(&deadline, heap, place, 1);
	assert_int_equal(place[0], TS_SLOTS_NONE);
	assert_int_equal(place[1], 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(init_stays_within_its_capacity),
		cmocka_unit_test(an_empty_one_has_nothing_due),
		cmocka_unit_test(takes_what_is_due_at_that_very_moment),
		cmocka_unit_test(a_new_moment_takes_the_place_of_the_old),
		cmocka_unit_test(hastening_never_postpones),
		cmocka_unit_test(hands_out_all_in_order),
		cmocka_unit_test(agrees_with_the_list_over_a_random_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
