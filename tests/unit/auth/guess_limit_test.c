/* SPDX-License-Identifier: MIT */
/* How many passwords a source may try in a second. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "auth/guess_limit.h"

#define NOW_MS 5000

static struct guess_limit limit;

static int
set_up(void **state)
{
	(void)state;
	memset(&limit, 0, sizeof(limit));
	return 0;
}

static int
take(uint64_t source, int64_t now_ms)
{
	struct guess_taken taken;

	return guess_limit_take(&limit, source, 2, now_ms, &taken);
}

static void
a_source_has_so_many_in_a_second(void **state)
{
	(void)state;
	assert_int_equal(take(1, NOW_MS), 0);
	assert_int_equal(take(1, NOW_MS + 600), 0);
	assert_int_equal(take(1, NOW_MS + 600), -EAGAIN);
	/* Another has its own. */
	assert_int_equal(take(2, NOW_MS + 600), 0);
	/* What was refused costs nothing: the first is over, one is free. */
	assert_int_equal(take(1, NOW_MS + 999), -EAGAIN);
	assert_int_equal(take(1, NOW_MS + 1000), 0);
	assert_int_equal(take(1, NOW_MS + 1000), -EAGAIN);
	assert_int_equal(take(1, NOW_MS + 1600), 0);
}

static void
what_is_given_back_can_be_taken(void **state)
{
	struct guess_taken first;
	struct guess_taken second;

	(void)state;
	assert_int_equal(guess_limit_take(&limit, 1, 1, NOW_MS, &first), 0);
	assert_int_equal(first.end_ms, NOW_MS + GUESS_LIMIT_MS);
	guess_limit_give_back(&limit, &first);
	assert_int_equal(guess_limit_take(&limit, 1, 1, NOW_MS, &second), 0);
	/* After its end it is another's. */
	assert_int_equal(guess_limit_take(&limit, 2, 1, second.end_ms, &first),
	    0);
	assert_int_equal(first.index, second.index);
	guess_limit_give_back(&limit, &second);
	assert_int_equal(
	    guess_limit_take(&limit, 2, 1, second.end_ms + 1, &first), -EAGAIN);
}

static void
all_together_have_so_many(void **state)
{
	(void)state;
	for (uint64_t i = 0; i < GUESS_LIMIT_ALL; i++)
		assert_int_equal(take(i, NOW_MS), 0);
	assert_int_equal(take(GUESS_LIMIT_ALL, NOW_MS + 999), -EAGAIN);
	assert_int_equal(take(GUESS_LIMIT_ALL, NOW_MS + 1000), 0);
}

/* As a child that was taken over may write it. */
static void
what_no_trial_writes_keeps_nobody_out_for_long(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < GUESS_LIMIT_ALL; i++) {
		limit.tokens[i].end_ms = i % 2 == 0 ? INT64_MAX : INT64_MIN;
		limit.tokens[i].source = 1;
	}
	assert_int_equal(take(1, NOW_MS), 0);
	assert_int_equal(take(1, NOW_MS), 0);
	assert_int_equal(take(1, NOW_MS), -EAGAIN);
}

static void
sources_are_addresses_networks_or_users(void **state)
{
	static const struct {
		const char *text;
		const char *other;
		int is_same;
	} cases[] = {
		{ "192.0.2.1", "192.0.2.1", 1 },
		{ "192.0.2.1", "192.0.2.2", 0 },
		{ "2001:db8::1", "2001:db8::ffff:1", 1 },
		{ "2001:db8::1", "2001:db8:0:1::1", 0 },
		{ "fe80::1%eth0", "fe80::2%eth0", 1 },
		{ "uid 1000", "uid 1000", 1 },
		{ "uid 1000", "uid 1001", 0 },
		{ "uid 1", "0.0.0.1", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(guess_limit_source(cases[i].text) ==
			guess_limit_source(cases[i].other),
		    cases[i].is_same);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_source_has_so_many_in_a_second,
		    set_up),
		cmocka_unit_test_setup(what_is_given_back_can_be_taken, set_up),
		cmocka_unit_test_setup(all_together_have_so_many, set_up),
		cmocka_unit_test_setup(
		    what_no_trial_writes_keeps_nobody_out_for_long, set_up),
		cmocka_unit_test(sources_are_addresses_networks_or_users),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
