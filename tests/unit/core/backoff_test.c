/* SPDX-License-Identifier: MIT */
/* Longer and longer, up to a bound, and from the start after a success. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/backoff.h"

static const uint32_t expected_ms[] = { 10, 20, 40, 80, 80, 80 };

static void
doubles_up_to_its_bound(void **state)
{
	struct ts_backoff backoff = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(expected_ms) / sizeof(expected_ms[0]);
	     i++)
		assert_int_equal(ts_backoff_fail(&backoff), expected_ms[i]);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(ts_backoff_fail(&backoff), 80);
}

static void
begins_anew_after_a_success(void **state)
{
	struct ts_backoff backoff = { 0 };

	(void)state;
	ts_backoff_succeed(&backoff);
	assert_int_equal(ts_backoff_fail(&backoff), 10);
	assert_int_equal(ts_backoff_fail(&backoff), 20);
	ts_backoff_succeed(&backoff);
	ts_backoff_succeed(&backoff);
	assert_int_equal(ts_backoff_fail(&backoff), 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(doubles_up_to_its_bound),
		cmocka_unit_test(begins_anew_after_a_success),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
