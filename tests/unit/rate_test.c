/* SPDX-License-Identifier: MIT */
/* The least rate of a client. */
#include "../../ezhttpd/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
a_client_that_takes_nothing_uses_up_its_credit(void **state)
{
	int64_t credit_ms = RATE_FIRST_CREDIT_MS;

	credit_ms = rate_settle(credit_ms, 4999, 0);
	assert_int_equal(credit_ms, 1);
	assert_int_equal(rate_settle(credit_ms, 2, 0), -1);
	(void)state;
}

static void
the_least_rate_is_500_bytes_a_second(void **state)
{
	assert_int_equal(rate_settle(100, 1000, 500), 100);
	assert_int_equal(rate_settle(100, 1000, 449), -2);
	(void)state;
}

static void
credit_has_a_most(void **state)
{
	assert_int_equal(rate_settle(0, 0, SIZE_MAX), RATE_MOST_CREDIT_MS);
	assert_int_equal(rate_settle(0, 0, 3999), 7998);
	assert_int_equal(rate_settle(0, 0, 4001), RATE_MOST_CREDIT_MS);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_client_that_takes_nothing_uses_up_its_credit),
		cmocka_unit_test(the_least_rate_is_500_bytes_a_second),
		cmocka_unit_test(credit_has_a_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
