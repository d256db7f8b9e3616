/* SPDX-License-Identifier: MIT */
/* The meaning of a wait status, and of the parent's own kill. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>

#include "core/exit_reason.h"

static const struct {
	int exit;
	int signal;
	enum ts_kill_reason killed_for;
	enum ts_exit_reason expected;
} cases[] = {
	{ TS_EXIT_CLOSED, 0, TS_KILL_NONE, TS_EXIT_REASON_CLOSED },
	{ TS_EXIT_LINGER, 0, TS_KILL_NONE, TS_EXIT_REASON_CLOSED },
	{ TS_EXIT_RESET, 0, TS_KILL_NONE, TS_EXIT_REASON_RESET },
	{ TS_EXIT_PARKED, 0, TS_KILL_NONE, TS_EXIT_REASON_PARKED },
	{ TS_EXIT_SETUP, 0, TS_KILL_NONE, TS_EXIT_REASON_FAILED },
	/* No status of a child; programs exit with these by habit. */
	{ 0, 0, TS_KILL_NONE, TS_EXIT_REASON_FAILED },
	{ 1, 0, TS_KILL_NONE, TS_EXIT_REASON_FAILED },
	{ 79, 0, TS_KILL_NONE, TS_EXIT_REASON_FAILED },
	{ TS_EXIT_SETUP + 1, 0, TS_KILL_NONE, TS_EXIT_REASON_FAILED },
	{ 255, 0, TS_KILL_NONE, TS_EXIT_REASON_FAILED },
	/* It was faster than the parent's kill. */
	{ TS_EXIT_CLOSED, 0, TS_KILL_IDLE, TS_EXIT_REASON_CLOSED },
	{ TS_EXIT_PARKED, 0, TS_KILL_EVICTED, TS_EXIT_REASON_PARKED },
	{ TS_EXIT_RESET, 0, TS_KILL_STOPPED, TS_EXIT_REASON_RESET },
	{ 77, 0, TS_KILL_LIFETIME, TS_EXIT_REASON_FAILED },
	/* The parent's kill. */
	{ 0, SIGKILL, TS_KILL_FIRST_BYTE, TS_EXIT_REASON_FIRST_BYTE },
	{ 0, SIGKILL, TS_KILL_IDLE, TS_EXIT_REASON_IDLE },
	{ 0, SIGKILL, TS_KILL_SLOW_SENDER, TS_EXIT_REASON_SLOW_SENDER },
	{ 0, SIGKILL, TS_KILL_SLOW_READER, TS_EXIT_REASON_SLOW_READER },
	{ 0, SIGKILL, TS_KILL_LIFETIME, TS_EXIT_REASON_LIFETIME },
	{ 0, SIGKILL, TS_KILL_EVICTED, TS_EXIT_REASON_EVICTED },
	{ 0, SIGKILL, TS_KILL_STOPPED, TS_EXIT_REASON_STOPPED },
	/* Somebody else's (the kernel, short of memory). */
	{ 0, SIGKILL, TS_KILL_NONE, TS_EXIT_REASON_CRASHED },
	{ 0, SIGPIPE, TS_KILL_NONE, TS_EXIT_REASON_GONE },
	{ 0, SIGPIPE, TS_KILL_LIFETIME, TS_EXIT_REASON_GONE },
	{ 0, SIGSEGV, TS_KILL_NONE, TS_EXIT_REASON_CRASHED },
	{ 0, SIGSEGV, TS_KILL_LIFETIME, TS_EXIT_REASON_CRASHED },
	{ 0, SIGABRT, TS_KILL_STOPPED, TS_EXIT_REASON_CRASHED },
	{ 0, SIGSYS, TS_KILL_NONE, TS_EXIT_REASON_CRASHED },
	{ 0, SIGTERM, TS_KILL_NONE, TS_EXIT_REASON_CRASHED },
	{ 0, SIGUSR2, TS_KILL_NONE, TS_EXIT_REASON_CRASHED },
	{ 0, 64, TS_KILL_NONE, TS_EXIT_REASON_CRASHED },
};

static void
sorts_every_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int status = W_EXITCODE(cases[i].exit, cases[i].signal);
		enum ts_exit_reason reason =
		    ts_exit_reason_of(status, cases[i].killed_for);

		if (reason != cases[i].expected)
			fail_msg("case %zu is \"%s\"", i,
			    ts_exit_reason_name(reason));
		/* A core file makes no difference. */
		if (cases[i].signal != 0)
			assert_int_equal(ts_exit_reason_of(status | WCOREFLAG,
					     cases[i].killed_for),
			    cases[i].expected);
	}
}

/* No child of a program that ends itself in its own way is believed. */
static void
only_the_named_statuses_mean_anything(void **state)
{
	(void)state;
	for (int status = 0; status < 256; status++)
		assert_true((ts_exit_reason_of(W_EXITCODE(status, 0),
				 TS_KILL_NONE) != TS_EXIT_REASON_FAILED) ==
		    (status >= TS_EXIT_CLOSED && status <= TS_EXIT_RESET));
}

static void
every_reason_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < TS_EXIT_REASONS; i++) {
		const char *name = ts_exit_reason_name((enum ts_exit_reason)i);

		assert_non_null(name);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(name,
			    ts_exit_reason_name((enum ts_exit_reason)j));
	}
}

static void
every_kill_has_words_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < TS_KILL_REASONS; i++) {
		const char *text = ts_kill_reason_text((enum ts_kill_reason)i);

		assert_non_null(text);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(text,
			    ts_kill_reason_text((enum ts_kill_reason)j));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts_every_end),
		cmocka_unit_test(only_the_named_statuses_mean_anything),
		cmocka_unit_test(every_reason_has_a_name_of_its_own),
		cmocka_unit_test(every_kill_has_words_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
