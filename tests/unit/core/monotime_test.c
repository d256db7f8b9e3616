/* SPDX-License-Identifier: MIT */
/* Moments: what is due, what is earlier, and how long poll(2) is to wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/monotime.h"

#define MS ((int64_t)1000000)

static const struct {
	int64_t moment;
	int64_t now;
	int expected;
} waits[] = {
	/* It has come. */
	{ 0, 0, 0 },
	{ 5, 10, 0 },
	{ 5, INT64_MAX, 0 },
	/* Rounded up: never too early, so never a round for nothing. */
	{ 1, 0, 1 },
	{ MS - 1, 0, 1 },
	{ MS, 0, 1 },
	{ MS + 1, 0, 2 },
	{ 7 * MS + 3, 5 * MS + 3, 2 },
	{ 7 * MS + 4, 5 * MS + 3, 3 },
	/* As far as an int goes, and no further. */
	{ INT32_MAX * MS, 0, INT32_MAX },
	{ INT32_MAX * MS + 1, 0, INT32_MAX },
	{ INT64_MAX - 1, 0, INT32_MAX },
	/* Never, whatever the time. */
	{ INT64_MAX, 0, -1 },
	{ INT64_MAX, INT64_MAX, -1 },
};

static const struct {
	int64_t moment;
	uint32_t ms;
	int64_t expected;
} sums[] = {
	{ 0, 0, 0 },
	{ 3, 1, MS + 3 },
	/* More than 32 bits of nanoseconds. */
	{ 0, 3600000, 3600000 * MS },
	{ 0, UINT32_MAX, UINT32_MAX *MS },
	/* The last moment there is, and beyond it. */
	{ INT64_MAX - 1 - MS, 1, INT64_MAX - 1 },
	{ INT64_MAX - MS, 1, INT64_MAX },
	{ INT64_MAX - MS + 1, 1, INT64_MAX },
	{ INT64_MAX - 1, UINT32_MAX, INT64_MAX },
	/* Never stays never. */
	{ INT64_MAX, 0, INT64_MAX },
	{ INT64_MAX, 1, INT64_MAX },
	{ INT64_MAX, UINT32_MAX, INT64_MAX },
};

static struct ts_monotime
at(int64_t ns)
{
	return (struct ts_monotime){ ns };
}

static void
waits_in_whole_milliseconds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		int ms =
		    ts_monotime_wait_ms(at(waits[i].moment), at(waits[i].now));

		if (ms != waits[i].expected)
			fail_msg("case %zu: %d ms", i, ms);
	}
}

static void
adds_without_overflow(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
		int64_t ns =
		    ts_monotime_add_ms(at(sums[i].moment), sums[i].ms).ns;

		if (ns != sums[i].expected)
			fail_msg("case %zu: %lld ns", i, (long long)ns);
	}
}

/* Who waits as long as he is told to, finds the moment come. */
static void
is_due_after_the_wait_and_not_a_millisecond_before(void **state)
{
	const int64_t now = 123456789;

	(void)state;
	for (int64_t ns = 1; ns < 3 * MS; ns += 999) {
		struct ts_monotime moment = at(now + ns);
		int ms = ts_monotime_wait_ms(moment, at(now));

		assert_true(ts_monotime_is_due(moment, at(now + ms * MS)));
		assert_false(
		    ts_monotime_is_due(moment, at(now + (ms - 1) * MS)));
	}
}

static void
is_due_from_its_moment_on(void **state)
{
	(void)state;
	assert_false(ts_monotime_is_due(at(10), at(9)));
	assert_true(ts_monotime_is_due(at(10), at(10)));
	assert_true(ts_monotime_is_due(at(10), at(11)));
	assert_true(ts_monotime_is_due(at(0), at(0)));
}

static void
never_is_never_due(void **state)
{
	(void)state;
	assert_false(ts_monotime_is_due(TS_MONOTIME_NEVER, at(0)));
	assert_false(ts_monotime_is_due(TS_MONOTIME_NEVER, at(INT64_MAX)));
}

static void
tells_the_earlier(void **state)
{
	(void)state;
	assert_true(ts_monotime_is_before(at(1), at(2)));
	assert_false(ts_monotime_is_before(at(2), at(2)));
	assert_false(ts_monotime_is_before(at(3), at(2)));
	assert_int_equal(ts_monotime_earlier(at(1), at(2)).ns, 1);
	assert_int_equal(ts_monotime_earlier(at(2), at(1)).ns, 1);
	assert_int_equal(ts_monotime_earlier(TS_MONOTIME_NEVER, at(1)).ns, 1);
	assert_int_equal(ts_monotime_earlier(at(1), TS_MONOTIME_NEVER).ns, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(waits_in_whole_milliseconds),
		cmocka_unit_test(adds_without_overflow),
		cmocka_unit_test(
		    is_due_after_the_wait_and_not_a_millisecond_before),
		cmocka_unit_test(is_due_from_its_moment_on),
		cmocka_unit_test(never_is_never_due),
		cmocka_unit_test(tells_the_earlier),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
