/* SPDX-License-Identifier: MIT */
/* The window: each child gets its own connection, and no other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <assert.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "forked.h"
#include "os/fd.h"
#include "os/fd_window.h"
#include "os/process.h"

#define CHILDREN 6000
#define AT_A_TIME 64
/* The numbers that are looked at for what is open. */
#define MOST_FDS 512
#define PAGE_BYTES 4096

/* How far a child gets. */
enum course {
	/* It ends while it shares the parent's table, without a mark. */
	ENDS_SHARING,
	/* It has a table of its own, and has not marked that. */
	ENDS_UNMARKED,
	SERVES,
};

/* A child, and both ends of its connection. */
struct pair {
	pid_t pid;
	int own;
	int client;
	uint64_t lease;
	uint32_t number;
	enum course course;
};

static bool
has_only_its_connection(void)
{
	for (int fd = STDERR_FILENO + 1; fd < MOST_FDS; fd++)
		if (process_is_open(fd) != (fd == TS_FD_CONNECTION))
			return false;
	return process_is_cloexec(TS_FD_CONNECTION);
}

static _Noreturn void
run_child(struct ts_fd_window *window, const struct pair *pair)
{
	if (pair->course == ENDS_SHARING)
		_exit(0);
	assert(ts_process_unshare_fds(TS_FD_PARENT) == 0);
	if (pair->course == ENDS_UNMARKED)
		_exit(0);
	assert(ts_fd_window_own(window, pair->lease) == 0);
	assert(has_only_its_connection());
	assert(write(TS_FD_CONNECTION, &pair->number, sizeof(pair->number)) ==
	    sizeof(pair->number));
	_exit(0);
}

/* As accept(2) does, this takes low numbers for a moment. */
static void
open_pair(struct pair *pair)
{
	int ends[2];

	assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	assert(ts_fd_raise(&pair->own, ends[0], TS_FD_PARENT) == 0);
	assert(ts_fd_raise(&pair->client, ends[1], TS_FD_PARENT) == 0);
}

static void
start(struct ts_fd_window *window, struct pair *pair)
{
	open_pair(pair);
	assert(ts_fd_window_take(window, pair->own, &pair->lease) == 0);
	pair->pid = ts_process_fork_sharing();
	assert(pair->pid >= 0);
	if (pair->pid == 0)
		run_child(window, pair);
}

static void
finish(struct ts_fd_window *window, struct pair *pair)
{
	uint32_t answer = UINT32_MAX;
	ssize_t n;
	int status;

	if (pair->pid == 0)
		return;
	assert(waitpid(pair->pid, &status, 0) == pair->pid && status == 0);
	ts_fd_window_release(window, pair->lease);
	ts_fd_close(&pair->own);
	/* Nobody has it open any more: what there is has its end. */
	n = read(pair->client, &answer, sizeof(answer));
	assert(n == (pair->course == SERVES ? (ssize_t)sizeof(answer) : 0));
	assert(answer == (pair->course == SERVES ? pair->number : UINT32_MAX));
	assert(read(pair->client, &answer, sizeof(answer)) == 0);
	ts_fd_close(&pair->client);
	pair->pid = 0;
}

static int
serve_many(void *arg)
{
	static struct pair pairs[AT_A_TIME];
	struct ts_fd_window window;
	struct pair *pair;

	(void)arg;
	assert(close_range(STDERR_FILENO + 1, ~0U, 0) == 0);
	assert(ts_fd_window_open(&window) == 0);
	for (uint32_t i = 0; i < CHILDREN; i++) {
		pair = &pairs[i % AT_A_TIME];
		finish(&window, pair);
		pair->number = i;
		pair->course = i % 16 < SERVES ? i % 16 : SERVES;
		start(&window, pair);
	}
	for (unsigned i = 0; i < AT_A_TIME; i++)
		finish(&window, &pairs[i]);
	for (int fd = STDERR_FILENO + 1; fd < MOST_FDS; fd++)
		assert(!process_is_open(fd));
	ts_fd_window_close(&window);
	return 0;
}

static void
thousands_of_children_have_each_its_own_connection_alone(void **state)
{
	int status = process_wait(process_start(serve_many, NULL), 50000);

	(void)state;
	assert_int_equal(status, 0);
}

static void
all_are_in_use_until_one_is_released(void **state)
{
	struct ts_fd_window window;
	uint64_t leases[TS_FD_WINDOW_COUNT];
	uint64_t lease = 7;

	(void)state;
	assert_int_equal(ts_fd_window_open(&window), 0);
	for (int i = 0; i < TS_FD_WINDOW_COUNT; i++) {
		assert_int_equal(
		    ts_fd_window_take(&window, STDERR_FILENO, &leases[i]), 0);
		assert_true(process_is_cloexec(TS_FD_WINDOW + i));
	}
	assert_false(process_is_open(TS_FD_WINDOW - 1));
	assert_false(process_is_open(TS_FD_WINDOW + TS_FD_WINDOW_COUNT));
	assert_int_equal(ts_fd_window_take(&window, STDERR_FILENO, &lease),
	    -EAGAIN);
	assert_int_equal(lease, 7);
	ts_fd_window_release(&window, leases[40]);
	assert_false(process_is_open(TS_FD_WINDOW + 40));
	assert_int_equal(ts_fd_window_take(&window, STDERR_FILENO, &lease), 0);
	assert_true(process_is_open(TS_FD_WINDOW + 40));
	/* The number is another's now. */
	ts_fd_window_release(&window, leases[40]);
	assert_true(process_is_open(TS_FD_WINDOW + 40));
	ts_fd_window_release(&window, lease);
	ts_fd_window_release(&window, lease);
	assert_false(process_is_open(TS_FD_WINDOW + 40));
	ts_fd_window_close(&window);
	for (int i = 0; i < TS_FD_WINDOW_COUNT; i++)
		assert_false(process_is_open(TS_FD_WINDOW + i));
	ts_fd_window_close(&window);
}

/* Marks its number, says so, and stays until its client has gone. */
static _Noreturn void
stay(struct ts_fd_window *window, uint64_t lease)
{
	char c = '!';

	assert(ts_process_unshare_fds(TS_FD_PARENT) == 0);
	assert(ts_fd_window_own(window, lease) == 0);
	assert(write(TS_FD_CONNECTION, &c, 1) == 1);
	assert(read(TS_FD_CONNECTION, &c, 1) == 0);
	_exit(0);
}

static int
mark_one(void *arg)
{
	struct ts_fd_window window;
	struct pair pair;
	uint64_t next;
	int status;
	char c;

	(void)arg;
	assert(ts_fd_window_open(&window) == 0);
	open_pair(&pair);
	assert(ts_fd_window_take(&window, pair.own, &pair.lease) == 0);
	pair.pid = ts_process_fork_sharing();
	if (pair.pid == 0)
		stay(&window, pair.lease);
	assert(read(pair.client, &c, 1) == 1);
	assert(process_is_open(TS_FD_WINDOW));
	ts_fd_window_sweep(&window);
	assert(!process_is_open(TS_FD_WINDOW));
	/* Its next use has nothing to do with the child that still runs. */
	assert(ts_fd_window_take(&window, STDERR_FILENO, &next) == 0);
	ts_fd_window_sweep(&window);
	assert(process_is_open(TS_FD_WINDOW));
	ts_fd_close(&pair.client);
	assert(waitpid(pair.pid, &status, 0) == pair.pid && status == 0);
	ts_fd_window_release(&window, pair.lease);
	assert(process_is_open(TS_FD_WINDOW));
	return 0;
}

static void
a_marked_number_is_free_while_its_child_runs(void **state)
{
	(void)state;
	process_run(mark_one, NULL);
}

static int
look_for_marks(void *arg)
{
	struct ts_fd_window window;
	uint64_t lease;
	void *page;

	(void)arg;
	assert(ts_fd_window_open(&window) == 0);
	assert(ts_fd_window_take(&window, STDERR_FILENO, &lease) == 0);
	page = window.marks;
	assert(msync(page, PAGE_BYTES, MS_ASYNC) == 0);
	assert(ts_fd_window_own(&window, lease) == 0);
	assert(window.marks == NULL);
	assert(msync(page, PAGE_BYTES, MS_ASYNC) == -1 && errno == ENOMEM);
	return 0;
}

static void
a_child_cannot_reach_the_marks_once_it_serves(void **state)
{
	(void)state;
	process_run(look_for_marks, NULL);
}

static int
fail_to_take(void *arg)
{
	const struct rlimit few = { TS_FD_WINDOW + 1, TS_FD_WINDOW + 1 };
	struct ts_fd_window window;
	uint64_t lease;

	(void)arg;
	assert(ts_fd_window_open(&window) == 0);
	assert(ts_fd_window_take(&window, 999, &lease) == -EBADF);
	assert(window.used == 0);
	assert(setrlimit(RLIMIT_NOFILE, &few) == 0);
	assert(ts_fd_window_take(&window, STDERR_FILENO, &lease) == 0);
	assert(ts_fd_window_take(&window, STDERR_FILENO, &lease) == -EBADF);
	assert(window.used == 1);
	/* As after a fork that has failed. */
	ts_fd_window_release(&window, lease);
	assert(window.used == 0 && !process_is_open(TS_FD_WINDOW));
	return 0;
}

static void
what_fails_leaves_no_number_in_use(void **state)
{
	(void)state;
	process_run(fail_to_take, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    thousands_of_children_have_each_its_own_connection_alone),
		cmocka_unit_test(all_are_in_use_until_one_is_released),
		cmocka_unit_test(a_marked_number_is_free_while_its_child_runs),
		cmocka_unit_test(a_child_cannot_reach_the_marks_once_it_serves),
		cmocka_unit_test(what_fails_leaves_no_number_in_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
