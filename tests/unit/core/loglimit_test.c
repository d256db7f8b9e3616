/* SPDX-License-Identifier: MIT */
/* Said once, counted for a minute, said again with the count. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/loglimit.h"

#define SECOND ((int64_t)1000000000)

static const struct {
	int64_t at_s;
	int is_said;
	uint64_t unsaid;
} history[] = {
	/* The first time. */
	{ 5, 1, 0 },
	/* Counted. */
	{ 5, 0, 0 },
	{ 6, 0, 0 },
	{ 64, 0, 0 },
	/* A minute after it was said, with what was not. */
	{ 65, 1, 3 },
	{ 66, 0, 0 },
	{ 124, 0, 0 },
	{ 125, 1, 2 },
	/* Nothing was left unsaid. */
	{ 1000, 1, 0 },
	{ 1001, 0, 0 },
	/* However late. */
	{ 9000, 1, 1 },
};

static void
says_once_a_minute(void **state)
{
	struct ts_loglimit limit = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(history) / sizeof(history[0]); i++) {
		struct ts_monotime now = { history[i].at_s * SECOND };
		uint64_t unsaid = 4711;
		int is_said = ts_loglimit_hit(&limit, now, &unsaid);

		if (is_said != history[i].is_said)
			fail_msg("step %zu: %d", i, is_said);
		/* Untouched where there is nothing to say. */
		assert_int_equal(unsaid,
		    history[i].is_said ? history[i].unsaid : 4711);
	}
}

static void
says_the_first_even_at_the_beginning_of_time(void **state)
{
	struct ts_loglimit limit = { 0 };
	uint64_t unsaid = 4711;

	(void)state;
	assert_true(
	    ts_loglimit_hit(&limit, (struct ts_monotime){ 0 }, &unsaid));
	assert_int_equal(unsaid, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_once_a_minute),
		cmocka_unit_test(says_the_first_even_at_the_beginning_of_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
