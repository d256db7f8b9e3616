/* SPDX-License-Identifier: MIT */
/* Memory of the parent's, which no child inherits; and a page they share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>

#include "forked.h"
#include "os/arena.h"

#define SIZE ((size_t)100000)

static void
is_zeroed_and_all_there(void **state)
{
	struct ts_table table = { 0 };

	(void)state;
	assert_int_equal(ts_table_open(&table, SIZE), 0);
	for (size_t i = 0; i < SIZE; i++)
		assert_int_equal(table.base[i], 0);
	memset(table.base, 'x', SIZE);
	ts_table_close(&table);
	assert_null(table.base);
	/* Twice is harmless. */
	ts_table_close(&table);
}

static const struct {
	size_t count;
	size_t size;
	size_t expected;
} rooms[] = {
	{ 0, 8, 0 },
	{ 1, 1, 16 },
	{ 1, 16, 16 },
	{ 1, 17, 32 },
	{ 3, 4, 16 },
	{ 5, 4, 32 },
	{ 16384, 24, 393216 },
};

static void
room_is_rounded_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rooms) / sizeof(rooms[0]); i++)
		assert_int_equal(ts_table_room(rooms[i].count, rooms[i].size),
		    rooms[i].expected);
}

static void
hands_out_pieces_side_by_side(void **state)
{
	struct ts_table table = { 0 };
	size_t total = 0;
	char *expected;

	(void)state;
	for (size_t i = 1; i < 50; i++)
		total += ts_table_room(i, 3);
	assert_int_equal(ts_table_open(&table, total), 0);
	expected = table.base;
	for (size_t i = 1; i < 50; i++) {
		char *piece = ts_table_take(&table, i, 3);

		assert_ptr_equal(piece, expected);
		assert_int_equal((uintptr_t)piece % 16, 0);
		expected += ts_table_room(i, 3);
	}
	assert_int_equal(table.used_bytes, total);
	ts_table_close(&table);
}

static int
look_at(void *arg)
{
	/* The kernel's own verdict, not a sanitizer's. */
	(void)sigaction(SIGSEGV, &(struct sigaction){ .sa_handler = SIG_DFL },
	    NULL);
	return *(volatile char *)arg;
}

static void
a_child_cannot_read_it(void **state)
{
	struct ts_table table = { 0 };
	int status;

	(void)state;
	assert_int_equal(ts_table_open(&table, SIZE), 0);
	table.base[0] = 'x';
	table.base[SIZE - 1] = 'x';
	status =
	    process_wait(process_start(look_at, table.base), PROCESS_LIMIT_MS);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	status = process_wait(process_start(look_at, table.base + SIZE - 1),
	    PROCESS_LIMIT_MS);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
	ts_table_close(&table);
}

static void
more_than_there_is_is_an_error(void **state)
{
	struct ts_table table = { .used_bytes = 99 };
	void *page = &table;

	(void)state;
	assert_int_equal(ts_table_open(&table, SIZE_MAX / 2), -ENOMEM);
	assert_int_equal(table.used_bytes, 99);
	assert_int_equal(ts_table_open_shared(&page, SIZE_MAX / 2), -ENOMEM);
	assert_ptr_equal(page, &table);
}

static int
count_up(void *arg)
{
	_Atomic uint64_t *count = arg;

	for (int i = 0; i < 1000; i++)
		atomic_fetch_add(count, 1);
	return 0;
}

static void
children_add_to_what_is_shared(void **state)
{
	_Atomic uint64_t *count;
	pid_t pids[4];
	void *page;

	(void)state;
	assert_int_equal(ts_table_open_shared(&page, sizeof(*count)), 0);
	count = page;
	assert_int_equal(atomic_load(count), 0);
	for (int i = 0; i < 4; i++)
		pids[i] = process_start(count_up, page);
	for (int i = 0; i < 4; i++)
		assert_int_equal(process_wait(pids[i], PROCESS_LIMIT_MS), 0);
	assert_int_equal(atomic_load(count), 4000);
	ts_table_close_shared(page, sizeof(*count));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_zeroed_and_all_there),
		cmocka_unit_test(room_is_rounded_up),
		cmocka_unit_test(hands_out_pieces_side_by_side),
		cmocka_unit_test(a_child_cannot_read_it),
		cmocka_unit_test(more_than_there_is_is_an_error),
		cmocka_unit_test(children_add_to_what_is_shared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
