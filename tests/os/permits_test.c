/* SPDX-License-Identifier: MIT */
/* Turns: so many processes have one, and none keeps it beyond its end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <assert.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "forked.h"
#include "os/fd.h"
#include "os/permits.h"

#define TURNS 3
#define SHORT_MS 30

/* Of all turns: a file, and a pipe by which who has one says so. */
struct place {
	int fd;
	int said[2];
};

static void
open_place(struct place *place)
{
	assert_int_equal(ts_turns_open(&place->fd), 0);
	assert_int_equal(pipe2(place->said, O_CLOEXEC), 0);
}

static void
close_place(struct place *place)
{
	ts_fd_close(&place->fd);
	ts_fd_close(&place->said[0]);
	ts_fd_close(&place->said[1]);
}

static void
say(const struct place *place)
{
	assert(write(place->said[1], "!", 1) == 1);
}

static void
hear(const struct place *place)
{
	char c;

	assert_true(process_has_input(place->said[0], PROCESS_LIMIT_MS));
	assert_int_equal(read(place->said[0], &c, 1), 1);
}

/* Takes one, says so, and keeps it. */
static int
take_and_stay(void *arg)
{
	const struct place *place = arg;

	assert(ts_turns_take(place->fd, TURNS, PROCESS_LIMIT_MS, -1) == 1);
	say(place);
	for (;;)
		(void)pause();
}

static int
take_end_and_stay(void *arg)
{
	const struct place *place = arg;

	assert(ts_turns_take(place->fd, TURNS, PROCESS_LIMIT_MS, -1) == 1);
	ts_turns_end(place->fd);
	say(place);
	for (;;)
		(void)pause();
}

static int
take_and_return(void *arg)
{
	const struct place *place = arg;

	assert(ts_turns_take(place->fd, TURNS, PROCESS_LIMIT_MS, -1) == 1);
	return 0;
}

static int
find_none(void *arg)
{
	const struct place *place = arg;
	int64_t begin = process_now_ms();

	assert(ts_turns_take(place->fd, TURNS, 0, -1) == 0);
	assert(ts_turns_take(place->fd, TURNS, SHORT_MS, -1) == 0);
	assert(process_now_ms() - begin >= SHORT_MS);
	return 0;
}

static void
take_all(struct place *place, pid_t pids[TURNS])
{
	for (int i = 0; i < TURNS; i++) {
		pids[i] = process_start(take_and_stay, place);
		hear(place);
	}
}

static void
there_are_so_many_and_no_more(void **state)
{
	struct place place;
	pid_t pids[TURNS];

	(void)state;
	open_place(&place);
	take_all(&place, pids);
	process_run(find_none, &place);
	for (int i = 0; i < TURNS; i++)
		process_kill(pids[i]);
	close_place(&place);
}

static void
whoever_is_killed_gives_its_turn_back(void **state)
{
	struct place place;
	pid_t pids[TURNS];

	(void)state;
	open_place(&place);
	take_all(&place, pids);
	for (int i = 0; i < TURNS; i++) {
		process_kill(pids[i]);
		process_run(take_and_return, &place);
		pids[i] = process_start(take_and_stay, &place);
		hear(&place);
		process_run(find_none, &place);
	}
	for (int i = 0; i < TURNS; i++)
		process_kill(pids[i]);
	close_place(&place);
}

static void
who_waits_has_the_next_that_is_free(void **state)
{
	struct place place;
	pid_t pids[TURNS];
	pid_t waiting;

	(void)state;
	open_place(&place);
	take_all(&place, pids);
	waiting = process_start(take_and_return, &place);
	process_kill(pids[1]);
	assert_int_equal(process_wait(waiting, PROCESS_LIMIT_MS), 0);
	process_kill(pids[0]);
	process_kill(pids[2]);
	close_place(&place);
}

static void
who_ends_its_turn_gives_it_back(void **state)
{
	struct place place;
	pid_t pids[TURNS + 1];

	(void)state;
	open_place(&place);
	for (int i = 0; i < TURNS + 1; i++) {
		pids[i] = process_start(take_end_and_stay, &place);
		hear(&place);
	}
	for (int i = 0; i < TURNS + 1; i++)
		process_kill(pids[i]);
	close_place(&place);
}

static int
take_the_only_one(void *arg)
{
	const struct place *place = arg;

	assert(ts_turns_take(place->fd, 1, 0, -1) == 1);
	return 0;
}

static int
close_copy(void *arg)
{
	struct place *place = arg;
	int copy;

	assert(ts_turns_take(place->fd, 1, 0, -1) == 1);
	assert(ts_fd_copy(&copy, place->fd, 0) == 0);
	ts_fd_close(&copy);
	assert(process_wait(process_start(take_the_only_one, place),
		   PROCESS_LIMIT_MS) == 0);
	return 0;
}

/* Hence a child closes its other descriptor before it serves. */
static void
who_closes_any_descriptor_gives_it_back(void **state)
{
	struct place place;

	(void)state;
	open_place(&place);
	process_run(close_copy, &place);
	close_place(&place);
}

static void
nothing_can_be_left_in_its_file(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(ts_turns_open(&fd), 0);
	assert_true(fd >= TS_FD_PARENT && process_is_cloexec(fd));
	assert_int_equal(write(fd, "!", 1), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(ftruncate(fd, 4096), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(fallocate(fd, 0, 0, 4096), -1);
	assert_int_equal(errno, EPERM);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL), -1);
	assert_int_equal(errno, EPERM);
	ts_fd_close(&fd);
}

static int
find_an_error(void *arg)
{
	(void)arg;
	assert(ts_turns_take(-1, TURNS, PROCESS_LIMIT_MS, -1) == -EBADF);
	return 0;
}

static void
what_is_no_file_is_an_error(void **state)
{
	(void)state;
	process_run(find_an_error, NULL);
}

/* Whose connection is gone does not wait, though others have all turns. */
static int
take_for_nobody(void *arg)
{
	const struct place *place = arg;
	int ends[2];

	assert(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	assert(shutdown(ends[1], SHUT_WR) == 0);
	assert(ts_turns_take(place->fd, 1, SHORT_MS, ends[0]) == 0);
	assert(close(ends[1]) == 0);
	assert(ts_turns_take(place->fd, 1, PROCESS_LIMIT_MS, ends[0]) ==
	    -ECONNRESET);
	return 0;
}

static void
nobody_waits_for_a_connection_that_is_gone(void **state)
{
	struct place place;

	open_place(&place);
	assert_int_equal(ts_turns_take(place.fd, 1, 0, -1), 1);
	assert_int_equal(process_wait(process_start(take_for_nobody, &place),
			     PROCESS_LIMIT_MS / 2),
	    0);
	close_place(&place);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_waits_for_a_connection_that_is_gone),
		cmocka_unit_test(there_are_so_many_and_no_more),
		cmocka_unit_test(whoever_is_killed_gives_its_turn_back),
		cmocka_unit_test(who_waits_has_the_next_that_is_free),
		cmocka_unit_test(who_ends_its_turn_gives_it_back),
		cmocka_unit_test(who_closes_any_descriptor_gives_it_back),
		cmocka_unit_test(nothing_can_be_left_in_its_file),
		cmocka_unit_test(what_is_no_file_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
