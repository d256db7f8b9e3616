/* SPDX-License-Identifier: MIT */
/* What a wait status, and the parent's own doing, say of an end. */
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
	enum ts_child_sentence sentence;
	enum ts_ending expected;
} cases[] = {
	{ TS_EXIT_CLOSED, 0, TS_CHILD_LIVES, TS_ENDING_CLOSED },
	{ TS_EXIT_RESET, 0, TS_CHILD_LIVES, TS_ENDING_RESET },
	{ TS_EXIT_PARKED, 0, TS_CHILD_LIVES, TS_ENDING_PARKED },
	{ TS_EXIT_SETUP, 0, TS_CHILD_LIVES, TS_ENDING_FAILED },
	/* Nothing that a child may say. */
	{ 4, 0, TS_CHILD_LIVES, TS_ENDING_FAILED },
	{ 255, 0, TS_CHILD_LIVES, TS_ENDING_FAILED },
	/* It was faster than the parent's kill. */
	{ TS_EXIT_CLOSED, 0, TS_CHILD_IDLE, TS_ENDING_CLOSED },
	{ TS_EXIT_RESET, 0, TS_CHILD_DISMISSED, TS_ENDING_RESET },
	{ 77, 0, TS_CHILD_LIFETIME, TS_ENDING_FAILED },
	/* The parent's kill. */
	{ 0, SIGKILL, TS_CHILD_FIRST_BYTE, TS_ENDING_FIRST_BYTE },
	{ 0, SIGKILL, TS_CHILD_IDLE, TS_ENDING_IDLE },
	{ 0, SIGKILL, TS_CHILD_SLOW_SENDER, TS_ENDING_SLOW_SENDER },
	{ 0, SIGKILL, TS_CHILD_SLOW_READER, TS_ENDING_SLOW_READER },
	{ 0, SIGKILL, TS_CHILD_LIFETIME, TS_ENDING_LIFETIME },
	{ 0, SIGKILL, TS_CHILD_EVICTED, TS_ENDING_EVICTED },
	{ 0, SIGKILL, TS_CHILD_DISMISSED, TS_ENDING_DISMISSED },
	/* Somebody else's (the kernel, short of memory). */
	{ 0, SIGKILL, TS_CHILD_LIVES, TS_ENDING_CRASHED },
	{ 0, SIGPIPE, TS_CHILD_LIVES, TS_ENDING_GONE },
	{ 0, SIGPIPE, TS_CHILD_LIFETIME, TS_ENDING_GONE },
	{ 0, SIGSEGV, TS_CHILD_LIVES, TS_ENDING_CRASHED },
	{ 0, SIGSEGV, TS_CHILD_LIFETIME, TS_ENDING_CRASHED },
	{ 0, SIGABRT, TS_CHILD_DISMISSED, TS_ENDING_CRASHED },
	{ 0, SIGSYS, TS_CHILD_LIVES, TS_ENDING_CRASHED },
	{ 0, SIGTERM, TS_CHILD_LIVES, TS_ENDING_CRASHED },
	{ 0, 64, TS_CHILD_LIVES, TS_ENDING_CRASHED },
};

static void
sorts_every_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int status = W_EXITCODE(cases[i].exit, cases[i].signal);
		enum ts_ending ending = ts_ending_of(status, cases[i].sentence);

		if (ending != cases[i].expected)
			fail_msg("case %zu is \"%s\"", i,
			    ts_ending_name(ending));
		/* A core file makes no difference. */
		if (cases[i].signal != 0)
			assert_int_equal(
			    ts_ending_of(status | WCOREFLAG, cases[i].sentence),
			    cases[i].expected);
	}
}

static void
every_ending_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < TS_ENDING_COUNT; i++) {
		const char *name = ts_ending_name((enum ts_ending)i);

		assert_non_null(name);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(name,
			    ts_ending_name((enum ts_ending)j));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts_every_end),
		cmocka_unit_test(every_ending_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
