/* SPDX-License-Identifier: MIT */
/* Signals as a descriptor: counted, put back, and let through in a wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "forked.h"
#include "os/fd.h"
#include "os/signals.h"

#define CHILDREN 20

static bool
is_blocked(int number)
{
	sigset_t mask;

	assert(sigprocmask(SIG_SETMASK, NULL, &mask) == 0);
	return sigismember(&mask, number) == 1;
}

static bool
is_pending(int number)
{
	sigset_t set;

	assert(sigpending(&set) == 0);
	return sigismember(&set, number) == 1;
}

static void
never_called(int number)
{
	(void)number;
	abort();
}

static int
read_what_has_come(void *arg)
{
	struct ts_signals signals;
	struct ts_signals_seen seen;

	(void)arg;
	assert(ts_signals_open(&signals) == 0);
	assert(signals.fd >= TS_FD_PARENT && process_is_cloexec(signals.fd));
	/* Nothing yet, and no waiting for it. */
	seen = ts_signals_read(&signals);
	assert(!seen.child && seen.stops == 0);
	assert(!process_has_input(signals.fd, 0));
	/* What comes twice is one. */
	for (int i = 0; i < 3; i++)
		assert(raise(SIGTERM) == 0);
	assert(process_has_input(signals.fd, 0));
	seen = ts_signals_read(&signals);
	assert(!seen.child && seen.stops == 1 && !seen.report);
	/* A request for a report is not a request to stop. */
	assert(raise(SIGUSR1) == 0);
	seen = ts_signals_read(&signals);
	assert(!seen.child && seen.stops == 0 && seen.report);
	/* Neither is one to read the configuration anew, or a lost reader. */
	assert(raise(SIGHUP) == 0 && raise(SIGPIPE) == 0);
	seen = ts_signals_read(&signals);
	assert(seen.hangup && seen.stops == 0 && !seen.report);
	assert(!process_has_input(signals.fd, 0));
	/* Three kinds at once. */
	assert(raise(SIGINT) == 0 && raise(SIGTERM) == 0);
	assert(raise(SIGCHLD) == 0 && raise(SIGCHLD) == 0);
	seen = ts_signals_read(&signals);
	assert(seen.child && seen.stops == 2);
	seen = ts_signals_read(&signals);
	assert(!seen.child && seen.stops == 0);
	ts_signals_close(&signals);
	return 0;
}

static void
tells_what_has_come_and_how_often(void **state)
{
	(void)state;
	process_run(read_what_has_come, NULL);
}

static int
end_at_once(void *arg)
{
	(void)arg;
	return 0;
}

/* Starts many that end, and waits until it is told of it, and can collect. */
static int
hear_of_children(void *arg)
{
	struct ts_signals signals;
	int left = CHILDREN;

	(void)arg;
	assert(ts_signals_open(&signals) == 0);
	for (int i = 0; i < CHILDREN; i++)
		(void)process_start(end_at_once, NULL);
	while (left > 0) {
		assert(process_has_input(signals.fd, PROCESS_LIMIT_MS));
		assert(ts_signals_read(&signals).child);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			left--;
	}
	ts_signals_close(&signals);
	return 0;
}

static void
children_that_end_together_are_told(void **state)
{
	(void)state;
	process_run(hear_of_children, NULL);
}

/* As left by a shell's `trap '' CHLD`: it is inherited through an exec. */
static int
hear_of_children_though_ignored(void *arg)
{
	const struct sigaction ignored = { .sa_handler = SIG_IGN };
	struct sigaction after;

	assert(sigaction(SIGCHLD, &ignored, NULL) == 0);
	(void)hear_of_children(arg);
	assert(sigaction(SIGCHLD, NULL, &after) == 0);
	assert(after.sa_handler == SIG_IGN);
	return 0;
}

static void
children_are_told_where_their_end_was_ignored(void **state)
{
	(void)state;
	process_run(hear_of_children_though_ignored, NULL);
}

/* As left by nohup(1). */
static int
ignore_hangup(void *arg)
{
	const struct sigaction ignored = { .sa_handler = SIG_IGN };
	struct ts_signals signals;

	(void)arg;
	assert(sigaction(SIGHUP, &ignored, NULL) == 0);
	assert(ts_signals_open(&signals) == 0);
	assert(raise(SIGHUP) == 0);
	assert(!process_has_input(signals.fd, 0));
	ts_signals_close(&signals);
	assert(!is_blocked(SIGHUP));
	return 0;
}

static void
a_hangup_that_was_ignored_is_not_told(void **state)
{
	(void)state;
	process_run(ignore_hangup, NULL);
}

static int
open_and_close(void *arg)
{
	const struct sigaction mine = { .sa_handler = never_called };
	struct sigaction after;
	struct ts_signals signals;
	sigset_t mask;

	(void)arg;
	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, SIGINT);
	(void)sigaddset(&mask, SIGUSR1);
	assert(sigprocmask(SIG_SETMASK, &mask, NULL) == 0);
	assert(sigaction(SIGTERM, &mine, NULL) == 0);
	assert(ts_signals_open(&signals) == 0);
	assert(is_blocked(SIGTERM) && is_blocked(SIGCHLD));
	assert(is_blocked(SIGHUP) && is_blocked(SIGPIPE));
	/* One that was not read does not reach the handler later. */
	assert(raise(SIGTERM) == 0);
	assert(raise(SIGHUP) == 0 && raise(SIGPIPE) == 0);
	ts_signals_close(&signals);
	assert(signals.fd == -1);
	assert(!is_blocked(SIGTERM) && !is_blocked(SIGCHLD));
	assert(!is_blocked(SIGHUP) && !is_blocked(SIGPIPE));
	assert(is_blocked(SIGINT) && is_blocked(SIGUSR1));
	assert(sigaction(SIGTERM, NULL, &after) == 0);
	assert(after.sa_handler == never_called);
	assert(sigaction(SIGINT, NULL, &after) == 0);
	assert(after.sa_handler == SIG_DFL);
	ts_signals_close(&signals);
	return 0;
}

static void
closing_puts_everything_back(void **state)
{
	(void)state;
	process_run(open_and_close, NULL);
}

static int
open_without_descriptors(void *arg)
{
	const struct rlimit few = { TS_FD_PARENT, TS_FD_PARENT };
	struct ts_signals signals = { .fd = -7 };
	struct sigaction after;

	(void)arg;
	assert(setrlimit(RLIMIT_NOFILE, &few) == 0);
	assert(ts_signals_open(&signals) < 0);
	assert(signals.fd == -7);
	assert(!is_blocked(SIGTERM) && !is_blocked(SIGINT));
	assert(!is_blocked(SIGCHLD));
	assert(sigaction(SIGTERM, NULL, &after) == 0);
	assert(after.sa_handler == SIG_DFL);
	return 0;
}

static void
a_failure_leaves_all_as_it_was(void **state)
{
	(void)state;
	process_run(open_without_descriptors, NULL);
}

static int
take_the_masks(void *arg)
{
	struct ts_signals signals;
	sigset_t mask;

	(void)arg;
	(void)sigemptyset(&mask);
	(void)sigaddset(&mask, SIGUSR1);
	assert(sigprocmask(SIG_SETMASK, &mask, NULL) == 0);
	assert(ts_signals_open(&signals) == 0);
	ts_signals_child(&signals);
	assert(is_blocked(SIGTERM) && is_blocked(SIGINT));
	assert(is_blocked(SIGUSR1));
	assert(!is_blocked(SIGCHLD) && !is_blocked(SIGALRM));
	ts_signals_block_all();
	for (int number = 1; number < 32; number++)
		if (number != SIGKILL && number != SIGSTOP)
			assert(is_blocked(number));
	return 0;
}

static void
children_and_logger_have_masks_of_their_own(void **state)
{
	(void)state;
	process_run(take_the_masks, NULL);
}

/* As a child of the server: the stops are blocked, with a quiet handler. */
static void
become_child(int pipe_fds[2])
{
	struct ts_signals signals;

	assert(pipe(pipe_fds) == 0);
	assert(ts_signals_open(&signals) == 0);
	ts_signals_child(&signals);
}

static int
wait_for_input(void *arg)
{
	int64_t begin = process_now_ms();
	int fds[2];

	(void)arg;
	become_child(fds);
	assert(ts_signals_wait_input(fds[0], 0) == 0);
	assert(ts_signals_wait_input(fds[0], 30) == 0);
	assert(process_now_ms() - begin >= 29);
	assert(write(fds[1], "x", 1) == 1);
	assert(ts_signals_wait_input(fds[0], PROCESS_LIMIT_MS) == 1);
	/* A client that keeps sending is served though a stop is pending. */
	assert(raise(SIGTERM) == 0);
	assert(ts_signals_wait_input(fds[0], PROCESS_LIMIT_MS) == 1);
	assert(is_pending(SIGTERM) && is_blocked(SIGTERM));
	return 0;
}

static void
a_wait_ends_with_input_or_with_the_time(void **state)
{
	(void)state;
	process_run(wait_for_input, NULL);
}

static int
wait_for_the_end(void *arg)
{
	int fds[2];

	(void)arg;
	become_child(fds);
	(void)close(fds[1]);
	assert(ts_signals_wait_input(fds[0], PROCESS_LIMIT_MS) == 1);
	return 0;
}

static void
a_wait_ends_with_the_end_of_input(void **state)
{
	(void)state;
	process_run(wait_for_the_end, NULL);
}

/* *arg is the signal. */
static int
wait_with_a_pending_stop(void *arg)
{
	int64_t begin = process_now_ms();
	int fds[2];

	become_child(fds);
	assert(raise(*(const int *)arg) == 0);
	assert(ts_signals_wait_input(fds[0], PROCESS_LIMIT_MS) == -ECANCELED);
	assert(process_now_ms() - begin < PROCESS_LIMIT_MS / 2);
	/* Outside the wait it is blocked as before. */
	assert(is_blocked(SIGTERM) && is_blocked(SIGINT));
	return 0;
}

static void
a_stop_of_earlier_ends_the_wait(void **state)
{
	static int stops[] = { SIGTERM, SIGINT };

	(void)state;
	for (int i = 0; i < 2; i++)
		process_run(wait_with_a_pending_stop, &stops[i]);
}

static int
wait_until_a_stop_comes(void *arg)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGTERM };
	const struct itimerspec soon = { .it_value = { .tv_nsec = 30000000 } };
	timer_t timer;
	int fds[2];

	(void)arg;
	become_child(fds);
	assert(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
	assert(timer_settime(timer, 0, &soon, NULL) == 0);
	assert(ts_signals_wait_input(fds[0], PROCESS_LIMIT_MS) == -ECANCELED);
	return 0;
}

/* A child that is asked for its slot; *arg: before or in its wait. */
static int
wait_until_asked(void *arg)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGUSR2 };
	const struct itimerspec soon = { .it_value = { .tv_nsec = 30000000 } };
	timer_t timer;
	int fds[2];

	become_child(fds);
	assert(!ts_signals_was_asked());
	if (*(const bool *)arg) {
		assert(timer_create(CLOCK_MONOTONIC, &event, &timer) == 0);
		assert(timer_settime(timer, 0, &soon, NULL) == 0);
	} else {
		assert(raise(SIGUSR2) == 0);
		assert(ts_signals_was_asked());
	}
	/* Also one that has asked already ends its wait. */
	assert(ts_signals_wait_input(fds[0], PROCESS_LIMIT_MS) == -EINTR);
	assert(ts_signals_was_asked());
	assert(is_blocked(SIGUSR2));
	/* It has heard; it may wait again. */
	assert(ts_signals_wait_input(fds[0], 10) == 0);
	return 0;
}

static void
a_request_for_the_slot_ends_the_wait_once(void **state)
{
	static bool whens[] = { false, true };

	(void)state;
	for (int i = 0; i < 2; i++)
		process_run(wait_until_asked, &whens[i]);
}

/* Between the fork and the child's own mask. */
static int
wait_with_a_request_from_the_fork_on(void *arg)
{
	struct ts_signals signals;
	int fds[2];

	(void)arg;
	assert(pipe(fds) == 0);
	assert(ts_signals_open(&signals) == 0);
	assert(raise(SIGUSR2) == 0);
	ts_signals_child(&signals);
	assert(ts_signals_wait_input(fds[0], PROCESS_LIMIT_MS) == -EINTR);
	assert(ts_signals_was_asked());
	return 0;
}

static void
a_request_right_after_the_fork_is_not_lost(void **state)
{
	(void)state;
	process_run(wait_with_a_request_from_the_fork_on, NULL);
}

/* Sent to the parent by mistake. */
static int
ignore_a_request(void *arg)
{
	struct ts_signals signals;
	struct ts_signals_seen seen;

	(void)arg;
	assert(ts_signals_open(&signals) == 0);
	assert(raise(SIGUSR2) == 0);
	seen = ts_signals_read(&signals);
	assert(!seen.child && !seen.report && seen.stops == 0);
	assert(!ts_signals_was_asked());
	/* Neither does it end the program later. */
	assert(raise(SIGUSR2) == 0);
	ts_signals_close(&signals);
	return 0;
}

static void
a_request_to_the_parent_is_ignored(void **state)
{
	(void)state;
	process_run(ignore_a_request, NULL);
}

static void
note_alarm(int number)
{
	(void)number;
}

/* A handler of the service's own is not a request to stop. */
static int
wait_until_another_signal_comes(void *arg)
{
	const struct sigaction action = { .sa_handler = note_alarm };
	const struct itimerval soon = { .it_value = { .tv_usec = 30000 } };
	int fds[2];

	(void)arg;
	become_child(fds);
	assert(sigaction(SIGALRM, &action, NULL) == 0);
	assert(setitimer(ITIMER_REAL, &soon, NULL) == 0);
	assert(ts_signals_wait_input(fds[0], PROCESS_LIMIT_MS) == -EINTR);
	return 0;
}

static void
another_signal_is_not_a_stop(void **state)
{
	(void)state;
	process_run(wait_until_another_signal_comes, NULL);
}

static void
a_stop_of_now_ends_the_wait(void **state)
{
	(void)state;
	process_run(wait_until_a_stop_comes, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_what_has_come_and_how_often),
		cmocka_unit_test(children_that_end_together_are_told),
		cmocka_unit_test(children_are_told_where_their_end_was_ignored),
		cmocka_unit_test(a_hangup_that_was_ignored_is_not_told),
		cmocka_unit_test(closing_puts_everything_back),
		cmocka_unit_test(a_failure_leaves_all_as_it_was),
		cmocka_unit_test(children_and_logger_have_masks_of_their_own),
		cmocka_unit_test(a_wait_ends_with_input_or_with_the_time),
		cmocka_unit_test(a_wait_ends_with_the_end_of_input),
		cmocka_unit_test(a_stop_of_earlier_ends_the_wait),
		cmocka_unit_test(a_stop_of_now_ends_the_wait),
		cmocka_unit_test(another_signal_is_not_a_stop),
		cmocka_unit_test(a_request_for_the_slot_ends_the_wait_once),
		cmocka_unit_test(a_request_right_after_the_fork_is_not_lost),
		cmocka_unit_test(a_request_to_the_parent_is_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
