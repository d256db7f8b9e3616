/* SPDX-License-Identifier: MIT */
/* What is ready, whose it is, and what time it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/eventfd.h>
#include <sys/time.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "forked.h"
#include "os/fd.h"
#include "os/poller.h"

#define MANY 150
#define MS ((int64_t)1000000)

static struct ts_monotime
in_ms(uint32_t ms)
{
	return ts_monotime_add_ms(ts_poller_now(), ms);
}

static int
open_ready(void)
{
	int fd = eventfd(1, EFD_CLOEXEC | EFD_NONBLOCK);

	assert_true(fd >= 0);
	return fd;
}

static void
its_descriptor_is_out_of_the_way(void **state)
{
	struct ts_poller poller;

	(void)state;
	assert_int_equal(ts_poller_open(&poller), 0);
	assert_true(poller.fd >= TS_FD_PARENT);
	assert_true(process_is_cloexec(poller.fd));
	ts_poller_close(&poller);
	assert_int_equal(poller.fd, -1);
	ts_poller_close(&poller);
}

static void
brings_the_tag_of_what_is_ready(void **state)
{
	struct ts_poller poller;
	struct ts_poller_round round;
	int quiet = eventfd(0, EFD_CLOEXEC);
	int ready = open_ready();

	(void)state;
	assert_int_equal(ts_poller_open(&poller), 0);
	assert_int_equal(ts_poller_add(&poller, quiet, 1), 0);
	assert_int_equal(ts_poller_add(&poller, ready, UINT64_MAX - 1), 0);
	/* As long as it is ready, every time. */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(
		    ts_poller_wait(&poller, TS_MONOTIME_NEVER, &round), 0);
		assert_int_equal(round.count, 1);
		assert_int_equal(round.tags[0], UINT64_MAX - 1);
	}
	ts_poller_remove(&poller, ready);
	assert_int_equal(ts_poller_wait(&poller, in_ms(0), &round), 0);
	assert_int_equal(round.count, 0);
	/* It can be watched again. */
	assert_int_equal(ts_poller_add(&poller, ready, 5), 0);
	assert_int_equal(ts_poller_wait(&poller, in_ms(0), &round), 0);
	assert_int_equal(round.tags[0], 5);
	ts_poller_close(&poller);
	(void)close(quiet);
	(void)close(ready);
}

static void
does_not_come_back_before_the_time(void **state)
{
	struct ts_monotime until = in_ms(30);
	struct ts_poller_round round;
	struct ts_poller poller;

	(void)state;
	assert_int_equal(ts_poller_open(&poller), 0);
	assert_int_equal(ts_poller_wait(&poller, until, &round), 0);
	assert_int_equal(round.count, 0);
	assert_true(ts_monotime_is_due(until, round.now));
	/* And not long after it. */
	assert_true(round.now.ns - until.ns < 5000 * MS);
	/* What has passed is not waited for. */
	until = (struct ts_monotime){ 0 };
	assert_int_equal(ts_poller_wait(&poller, until, &round), 0);
	assert_int_equal(round.count, 0);
	ts_poller_close(&poller);
}

static void
do_nothing(int number)
{
	(void)number;
}

static int
wait_under_an_alarm(void *arg)
{
	const struct itimerval soon = { .it_value = { .tv_usec = 20000 } };
	const struct sigaction action = { .sa_handler = do_nothing };
	struct ts_poller_round round;
	struct ts_poller poller;

	(void)arg;
	assert(ts_poller_open(&poller) == 0);
	assert(sigaction(SIGALRM, &action, NULL) == 0);
	assert(setitimer(ITIMER_REAL, &soon, NULL) == 0);
	assert(ts_poller_wait(&poller, TS_MONOTIME_NEVER, &round) == 0);
	assert(round.count == 0 && round.now.ns > 0);
	return 0;
}

static void
a_signal_ends_the_round_early(void **state)
{
	(void)state;
	process_run(wait_under_an_alarm, NULL);
}

/* More than fit into one round: each has its turn in a later one. */
static void
everybody_has_a_turn(void **state)
{
	struct ts_poller_round round;
	struct ts_poller poller;
	bool is_seen[MANY] = { false };
	int fds[MANY];
	int seen = 0;

	(void)state;
	assert_int_equal(ts_poller_open(&poller), 0);
	for (unsigned i = 0; i < MANY; i++) {
		fds[i] = open_ready();
		assert_int_equal(ts_poller_add(&poller, fds[i], i), 0);
	}
	for (int rounds = 0; rounds < 4; rounds++) {
		assert_int_equal(ts_poller_wait(&poller, in_ms(0), &round), 0);
		assert_int_equal(round.count, TS_POLLER_EVENTS);
		for (unsigned i = 0; i < round.count; i++) {
			seen += is_seen[round.tags[i]] ? 0 : 1;
			is_seen[round.tags[i]] = true;
		}
	}
	assert_int_equal(seen, MANY);
	for (unsigned i = 0; i < MANY; i++)
		(void)close(fds[i]);
	ts_poller_close(&poller);
}

static void
says_what_cannot_be_watched(void **state)
{
	struct ts_poller poller;
	int file = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	int ready = open_ready();

	(void)state;
	assert_int_equal(ts_poller_open(&poller), 0);
	assert_int_equal(ts_poller_add(&poller, -1, 0), -EBADF);
	assert_int_equal(ts_poller_add(&poller, file, 0), -EPERM);
	assert_int_equal(ts_poller_add(&poller, ready, 0), 0);
	assert_int_equal(ts_poller_add(&poller, ready, 0), -EEXIST);
	/* Not watched at all: harmless. */
	ts_poller_remove(&poller, file);
	ts_poller_close(&poller);
	(void)close(file);
	(void)close(ready);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(its_descriptor_is_out_of_the_way),
		cmocka_unit_test(brings_the_tag_of_what_is_ready),
		cmocka_unit_test(does_not_come_back_before_the_time),
		cmocka_unit_test(a_signal_ends_the_round_early),
		cmocka_unit_test(everybody_has_a_turn),
		cmocka_unit_test(says_what_cannot_be_watched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
