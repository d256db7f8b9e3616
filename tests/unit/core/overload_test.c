/* SPDX-License-Identifier: MIT */
/* Stress begins above 80 % and ends below 60 %. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/overload.h"

/* One after the other, of 10 places. */
static const struct {
	uint32_t used;
	int has_switched;
	int is_on;
} history[] = {
	{ 0, 0, 0 },
	{ 7, 0, 0 },
	/* Exactly 80 % is not above it. */
	{ 8, 0, 0 },
	{ 9, 1, 1 },
	{ 10, 0, 1 },
	/* Not yet over. */
	{ 7, 0, 1 },
	{ 6, 0, 1 },
	{ 9, 0, 1 },
	{ 5, 1, 0 },
	/* Not yet again. */
	{ 8, 0, 0 },
	{ 10, 1, 1 },
	{ 0, 1, 0 },
};

static void
begins_late_and_ends_late(void **state)
{
	struct ts_stress stress = { .is_on = false };

	(void)state;
	for (size_t i = 0; i < sizeof(history) / sizeof(history[0]); i++) {
		int has_switched =
		    ts_stress_update(&stress, history[i].used, 10);

		if (has_switched != history[i].has_switched ||
		    stress.is_on != history[i].is_on)
			fail_msg("step %zu: %d, %d", i, has_switched,
			    stress.is_on);
	}
}

static void
knows_the_smallest_and_the_largest(void **state)
{
	struct ts_stress stress = { .is_on = false };

	(void)state;
	assert_true(ts_stress_update(&stress, 1, 1));
	assert_true(ts_stress_update(&stress, 0, 1));
	assert_true(ts_stress_update(&stress, UINT32_MAX, UINT32_MAX));
	assert_true(ts_stress_update(&stress, UINT32_MAX / 2, UINT32_MAX));
	assert_false(stress.is_on);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(begins_late_and_ends_late),
		cmocka_unit_test(knows_the_smallest_and_the_largest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
