/* SPDX-License-Identifier: MIT */
/* Conditions on an answer. */
#include "../../ezhttpd/conditional.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MODIFIED INT64_C(784111777)

static const struct {
	const char *since;
	bool is_repeated;
	bool has_none_match;
	int status;
	const char *shows;
} conditions[] = {
	{ NULL, false, false, 0, "no condition" },
	{ "Sun, 06 Nov 1994 08:49:37 GMT", false, false, 304, "exact" },
	{ "Sun, 06 Nov 1994 08:49:38 GMT", false, false, 304, "later" },
	{ "Sun, 06 Nov 1994 08:49:36 GMT", false, false, 0, "earlier" },
	{ "Sunday, 06-Nov-94 08:49:37 GMT", false, false, 304, "RFC 850" },
	{ "Sun Nov  6 08:49:37 1994", false, false, 304, "asctime" },
	{ "yesterday", false, false, 0, "no date" },
	{ "Sun, 06 Nov 1994 08:49:37 GMT", true, false, 0, "twice" },
	{ "Sun, 06 Nov 1994 08:49:37 GMT", false, true, 0, "a tag goes first" },
};

static void
each_condition_gets_its_status(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(conditions) / sizeof(conditions[0]); i++) {
		const char *since = conditions[i].since;
		struct conditional condition = {
			.modified_since = since,
			.modified_since_bytes = since ? strlen(since) : 0,
			.is_repeated = conditions[i].is_repeated,
			.has_none_match = conditions[i].has_none_match,
		};
		int status =
		    conditional_status(&condition, MODIFIED, MODIFIED + 1000);

		if (status != conditions[i].status)
			fail_msg("%s: %d", conditions[i].shows, status);
	}
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_condition_gets_its_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
