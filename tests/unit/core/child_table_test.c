/* SPDX-License-Identifier: MIT */
/* The table of children, against a plain list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/child_table.h"
#include "random.h"

#define IDS 20
#define BUCKETS 32
#define STEPS 30000

/* The table, and beside it the process id of each connection, or 0. */
struct pair {
	struct ts_child_table table;
	struct ts_child children[IDS];
	uint32_t buckets[BUCKETS];
	pid_t model[IDS];
	uint32_t used;
};

static void
init(struct pair *pair)
{
	assert_int_equal(ts_slots_bucket_count(IDS), BUCKETS);
	*pair = (struct pair){ .used = 0 };
	ts_child_table_init(&pair->table, pair->children, pair->buckets, IDS);
}

static void
add(struct pair *pair, uint32_t id, pid_t pid)
{
	ts_child_table_add(&pair->table, id, pid);
	pair->model[id] = pid;
	pair->used++;
}

static void
end(struct pair *pair, uint32_t id)
{
	ts_child_table_remove(&pair->table, id);
	pair->used -= pair->model[id] != 0;
	pair->model[id] = 0;
}

/* The connection that child `pid` serves, by the list. */
static uint32_t
search(const struct pair *pair, pid_t pid)
{
	for (uint32_t id = 0; id < IDS; id++)
		if (pair->model[id] == pid)
			return id;
	return TS_SLOTS_NONE;
}

static void
check(const struct pair *pair)
{
	assert_int_equal(pair->table.count, pair->used);
	for (uint32_t id = 0; id < IDS; id++) {
		pid_t pid = pair->model[id];

		assert_int_equal(ts_child_table_pid(&pair->table, id), pid);
		if (pid != 0)
			assert_int_equal(ts_child_table_find(&pair->table, pid),
			    id);
	}
}

static void
finds_a_child_only_between_fork_and_end(void **state)
{
	struct pair pair;

	(void)state;
	init(&pair);
	assert_int_equal(ts_child_table_find(&pair.table, 100), TS_SLOTS_NONE);
	add(&pair, 7, 100);
	assert_int_equal(ts_child_table_find(&pair.table, 100), 7);
	/* The same bucket, another child. */
	assert_int_equal(ts_child_table_find(&pair.table, 100 + BUCKETS),
	    TS_SLOTS_NONE);
	end(&pair, 7);
	assert_int_equal(ts_child_table_find(&pair.table, 100), TS_SLOTS_NONE);
	assert_int_equal(ts_child_table_pid(&pair.table, 7), 0);
}

static void
a_connection_without_a_child_is_none_to_remove(void **state)
{
	struct pair pair;

	(void)state;
	init(&pair);
	end(&pair, 3);
	add(&pair, 3, 100);
	end(&pair, 3);
	end(&pair, 3);
	check(&pair);
}

/* All in one chain, then taken from its front, its end and its middle. */
static void
keeps_apart_pids_of_one_bucket(void **state)
{
	static const uint32_t order[] = { 4, 0, 2, 1, 3 };
	struct pair pair;

	(void)state;
	init(&pair);
	for (uint32_t id = 0; id < 5; id++) {
		add(&pair, id, 77 + (pid_t)id * BUCKETS);
		check(&pair);
	}
	for (uint32_t i = 0; i < 5; i++) {
		end(&pair, order[i]);
		check(&pair);
		assert_int_equal(ts_child_table_find(&pair.table,
				     77 + (pid_t)order[i] * BUCKETS),
		    TS_SLOTS_NONE);
	}
}

static void
every_connection_can_have_a_child(void **state)
{
	struct pair pair;

	(void)state;
	init(&pair);
	for (uint32_t id = 0; id < IDS; id++)
		add(&pair, id, 1000 + (pid_t)id);
	check(&pair);
	assert_int_equal(pair.table.count, IDS);
}

static void
agrees_with_the_list_over_a_random_history(void **state)
{
	struct random_stream random = { 6 };
	struct pair pair;

	(void)state;
	init(&pair);
	for (int step = 0; step < STEPS; step++) {
		uint32_t id = random_below(&random, IDS);
		/* Few buckets and few pids, so that they come again. */
		pid_t pid = (pid_t)(1 + random_below(&random, 4) +
		    random_below(&random, 12) * BUCKETS);

		assert_int_equal(ts_child_table_find(&pair.table, pid),
		    search(&pair, pid));
		if (pair.model[id] == 0 && search(&pair, pid) == TS_SLOTS_NONE)
			add(&pair, id, pid);
		else if (random_below(&random, 2) == 0)
			end(&pair, id);
		check(&pair);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_a_child_only_between_fork_and_end),
		cmocka_unit_test(
		    a_connection_without_a_child_is_none_to_remove),
		cmocka_unit_test(keeps_apart_pids_of_one_bucket),
		cmocka_unit_test(every_connection_can_have_a_child),
		cmocka_unit_test(agrees_with_the_list_over_a_random_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
