/* SPDX-License-Identifier: MIT */
/* The table of children, against a plain list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/child_table.h"
#include "random.h"

#define CAPACITY 20
#define BUCKETS 32
#define STEPS 30000

/* The table, and beside it the pid at each index: -1 free, 0 not forked. */
struct pair {
	struct ts_children children;
	uint32_t next[CAPACITY];
	struct ts_child entries[CAPACITY];
	uint32_t buckets[BUCKETS];
	pid_t model[CAPACITY];
	uint32_t used;
};

static void
init(struct pair *pair)
{
	const struct ts_children_memory memory = { pair->next, pair->entries,
		pair->buckets };

	assert_int_equal(ts_slots_bucket_count(CAPACITY), BUCKETS);
	*pair = (struct pair){ .used = 0 };
	ts_children_init(&pair->children, &memory, CAPACITY);
	for (uint32_t i = 0; i < CAPACITY; i++)
		pair->model[i] = -1;
}

static uint32_t
add(struct pair *pair)
{
	uint32_t index = ts_children_add(&pair->children);
	const struct ts_child *child;

	if (index == TS_SLOTS_NONE) {
		assert_int_equal(pair->used, CAPACITY);
		return index;
	}
	assert_in_range(index, 0, CAPACITY - 1);
	assert_int_equal(pair->model[index], -1);
	/* Nothing of the one that was there before. */
	child = &pair->entries[index];
	assert_int_equal(child->pid, 0);
	assert_int_equal(child->sentence, TS_CHILD_LIVES);
	pair->model[index] = 0;
	pair->used++;
	return index;
}

static void
set_pid(struct pair *pair, uint32_t index, pid_t pid)
{
	ts_children_set_pid(&pair->children, index, pid);
	pair->model[index] = pid;
}

static void
end(struct pair *pair, uint32_t index)
{
	ts_children_remove(&pair->children, index);
	pair->model[index] = -1;
	pair->used--;
}

/* The index of `pid` in the list. */
static uint32_t
search(const struct pair *pair, pid_t pid)
{
	for (uint32_t i = 0; i < CAPACITY; i++)
		if (pair->model[i] == pid)
			return i;
	return TS_SLOTS_NONE;
}

static void
check(const struct pair *pair)
{
	assert_int_equal(pair->children.slots.used, pair->used);
	for (uint32_t i = 0; i < CAPACITY; i++) {
		pid_t pid = pair->model[i] > 0 ? pair->model[i] : 0;

		/* A place that is free is nobody's: who kills all, looks. */
		assert_int_equal(pair->entries[i].pid, pid);
		if (pid > 0)
			assert_int_equal(ts_children_find(&pair->children, pid),
			    i);
	}
}

static void
finds_a_child_only_between_fork_and_end(void **state)
{
	struct pair pair;
	uint32_t index;

	(void)state;
	init(&pair);
	assert_int_equal(ts_children_find(&pair.children, 100), TS_SLOTS_NONE);
	index = add(&pair);
	assert_int_equal(ts_children_find(&pair.children, 100), TS_SLOTS_NONE);
	set_pid(&pair, index, 100);
	assert_int_equal(ts_children_find(&pair.children, 100), index);
	/* The same bucket, another child. */
	assert_int_equal(ts_children_find(&pair.children, 100 + BUCKETS),
	    TS_SLOTS_NONE);
	end(&pair, index);
	assert_int_equal(ts_children_find(&pair.children, 100), TS_SLOTS_NONE);
}

static void
takes_back_a_child_whose_fork_failed(void **state)
{
	struct pair pair;

	(void)state;
	init(&pair);
	for (uint32_t i = 0; i < 3 * CAPACITY; i++) {
		uint32_t index = add(&pair);

		assert_int_not_equal(index, TS_SLOTS_NONE);
		end(&pair, index);
		check(&pair);
	}
	assert_int_equal(pair.children.slots.used, 0);
}

/* All in one chain, then taken from its front, its end and its middle. */
static void
keeps_apart_pids_of_one_bucket(void **state)
{
	static const uint32_t order[] = { 4, 0, 2, 1, 3 };
	struct pair pair;
	uint32_t indexes[5];

	(void)state;
	init(&pair);
	for (int i = 0; i < 5; i++) {
		indexes[i] = add(&pair);
		set_pid(&pair, indexes[i], 77 + i * BUCKETS);
		check(&pair);
	}
	for (int i = 0; i < 5; i++) {
		end(&pair, indexes[order[i]]);
		check(&pair);
		assert_int_equal(ts_children_find(&pair.children,
				     77 + (pid_t)order[i] * BUCKETS),
		    TS_SLOTS_NONE);
	}
}

static void
a_full_table_takes_no_more(void **state)
{
	struct pair pair;

	(void)state;
	init(&pair);
	for (uint32_t i = 0; i < CAPACITY; i++)
		set_pid(&pair, add(&pair), 1000 + (pid_t)i);
	assert_int_equal(add(&pair), TS_SLOTS_NONE);
	check(&pair);
	end(&pair, 11);
	assert_int_equal(add(&pair), 11);
}

static void
a_sentence_ends_with_its_child(void **state)
{
	struct pair pair;
	uint32_t index;

	(void)state;
	init(&pair);
	index = add(&pair);
	set_pid(&pair, index, 5);
	pair.entries[index].sentence = TS_CHILD_LIFETIME;
	end(&pair, index);
	/* The same place: add() looks at what is there. */
	assert_int_equal(add(&pair), index);
}

static void
agrees_with_the_list_over_a_random_history(void **state)
{
	struct random_stream random = { 6 };
	struct pair pair;

	(void)state;
	init(&pair);
	for (int step = 0; step < STEPS; step++) {
		uint32_t index = random_below(&random, CAPACITY);
		/* Few buckets and few pids, so that they come again. */
		pid_t pid = (pid_t)(1 + random_below(&random, 4) +
		    random_below(&random, 12) * BUCKETS);

		assert_int_equal(ts_children_find(&pair.children, pid),
		    search(&pair, pid));
		if (pair.model[index] == 0 &&
		    search(&pair, pid) == TS_SLOTS_NONE)
			set_pid(&pair, index, pid);
		else if (pair.model[index] >= 0 &&
		    random_below(&random, 2) == 0)
			end(&pair, index);
		else
			(void)add(&pair);
		check(&pair);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_a_child_only_between_fork_and_end),
		cmocka_unit_test(takes_back_a_child_whose_fork_failed),
		cmocka_unit_test(keeps_apart_pids_of_one_bucket),
		cmocka_unit_test(a_full_table_takes_no_more),
		cmocka_unit_test(a_sentence_ends_with_its_child),
		cmocka_unit_test(agrees_with_the_list_over_a_random_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
