/* SPDX-License-Identifier: MIT */
/* Conditions on an answer. */
#include "http/conditional.h"
#include "http/parser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MODIFIED INT64_C(784111777)
#define EARLIER "Sun, 06 Nov 1994 08:49:36 GMT\r\n"
#define EXACT "Sun, 06 Nov 1994 08:49:37 GMT\r\n"
#define LATER "Sun, 06 Nov 1994 08:49:38 GMT\r\n"
#define MATCH "If-Match: "
#define NONE_MATCH "If-None-Match: "
#define SINCE "If-Modified-Since: "
#define UNMODIFIED "If-Unmodified-Since: "
#define RANGE "If-Range: "

/* What is there has the tag "a" and was modified at MODIFIED. */
static const struct {
	const char *fields;
	int status;
	bool may_range;
	const char *shows;
} cases[] = {
	{ "", 0, true, "no condition" },
	{ SINCE EXACT, 304, true, "exact" },
	{ SINCE LATER, 304, true, "later" },
	{ SINCE EARLIER, 0, true, "earlier" },
	{ SINCE "Sunday, 06-Nov-94 08:49:37 GMT\r\n", 304, true, "RFC 850" },
	{ SINCE "Sun Nov  6 08:49:37 1994\r\n", 304, true, "asctime" },
	{ SINCE "yesterday\r\n", 0, true, "no date" },
	{ SINCE "\r\n", 0, true, "an empty date" },
	{ SINCE EXACT SINCE EXACT, 0, true, "twice" },
	{ NONE_MATCH "\"a\"\r\n", 304, true, "the tag" },
	{ NONE_MATCH "W/\"a\"\r\n", 304, true, "the tag, weak" },
	{ NONE_MATCH "*\r\n", 304, true, "any tag" },
	{ NONE_MATCH "\"b\", \"a\"\r\n", 304, true, "the tag in a list" },
	{ NONE_MATCH "\"b\"\r\n", 0, true, "another tag" },
	{ NONE_MATCH "\r\n", 0, true, "no tag" },
	{ NONE_MATCH "a\r\n", 0, true, "not a tag" },
	{ NONE_MATCH "\"b\"\r\n" NONE_MATCH "\"a\"\r\n", 304, true,
	    "the tag in the second line" },
	{ NONE_MATCH "\"b\"\r\n" SINCE EXACT, 0, true, "a tag goes first" },
	{ NONE_MATCH "\"a\"\r\n" SINCE EARLIER, 304, true,
	    "a tag goes first, and is the same" },
	{ MATCH "\"a\"\r\n", 0, true, "expected" },
	{ MATCH "*\r\n", 0, true, "anything expected" },
	{ MATCH "\"b\"\r\n", 412, true, "another expected" },
	{ MATCH "W/\"a\"\r\n", 412, true, "a weak tag expected" },
	{ MATCH "a\r\n", 412, true, "what is not a tag expected" },
	{ MATCH "\"b\", \"a\"\r\n", 0, true, "one of two expected" },
	{ MATCH "\"b\"\r\n" MATCH "\"a\"\r\n", 0, true,
	    "one of two lines expected" },
	{ UNMODIFIED EXACT, 0, true, "not modified since" },
	{ UNMODIFIED LATER, 0, true, "not modified since later" },
	{ UNMODIFIED EARLIER, 412, true, "modified since" },
	{ UNMODIFIED "never\r\n", 0, true, "no date to be unmodified since" },
	{ UNMODIFIED EARLIER UNMODIFIED EARLIER, 0, true, "two of them" },
	{ MATCH "\"a\"\r\n" UNMODIFIED EARLIER, 0, true,
	    "an expected tag goes first" },
	{ MATCH "\"a\"\r\n" NONE_MATCH "\"a\"\r\n", 304, true,
	    "expected, and already there" },
	{ MATCH "\"b\"\r\n" NONE_MATCH "\"a\"\r\n", 412, true,
	    "not expected goes first" },
	{ UNMODIFIED EARLIER SINCE EXACT, 412, true,
	    "modified since goes first" },
	{ UNMODIFIED EXACT SINCE EXACT, 304, true, "both hold" },
	{ RANGE "\"a\"\r\n", 0, true, "a range of this" },
	{ RANGE "\"b\"\r\n", 0, false, "a range of another" },
	{ RANGE "W/\"a\"\r\n", 0, false, "a range of a weak one" },
	{ RANGE "*\r\n", 0, false, "a range of anything" },
	{ RANGE "\r\n", 0, false, "a range of nothing" },
	{ RANGE "a\r\n", 0, false, "a range of what is not a tag" },
	{ RANGE EXACT, 0, true, "a range of this date" },
	{ RANGE LATER, 0, false, "a range of a later date" },
	{ RANGE EARLIER, 0, false, "a range of an earlier date" },
	{ RANGE "\"a\"\r\n" RANGE "\"a\"\r\n", 0, false, "two ranges' ifs" },
};

static void
read_fields(struct conditional *ret_condition, const char *fields)
{
	static const struct piece tag = PIECE_OF("\"a\"");
	static char head[1000];
	struct request request = { 0 };

	(void)snprintf(head, sizeof(head), "GET / HTTP/1.0\r\n%s\r\n", fields);
	assert_true(request_parse(&request, head, strlen(head)) > 0);
	conditional_read(ret_condition, &request, head, tag);
}

static void
each_condition_gets_its_status(void **state)
{
	const struct conditional_state now = {
		.tag = PIECE_OF("\"a\""),
		.modified_s = MODIFIED,
		.now_s = MODIFIED + 1000,
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct conditional condition;
		int status;
		bool may_range;

		read_fields(&condition, cases[i].fields);
		status = conditional_status(&condition, &now);
		may_range = conditional_may_range(&condition, &now);
		if (status != cases[i].status ||
		    may_range != cases[i].may_range)
			fail_msg("%s: %d, %d", cases[i].shows, status,
			    may_range);
	}
	(void)state;
}

static void
a_date_of_just_now_is_no_strong_validator(void **state)
{
	struct conditional_state now = {
		.tag = PIECE_OF("\"a\""),
		.modified_s = MODIFIED,
		.now_s = MODIFIED + 1,
	};
	struct conditional condition;

	read_fields(&condition, RANGE EXACT);
	assert_false(conditional_may_range(&condition, &now));
	now.now_s++;
	assert_true(conditional_may_range(&condition, &now));
	(void)state;
}

/* All dates are as if they had not been said. */
static void
what_has_no_time_is_not_judged_by_dates(void **state)
{
	const struct conditional_state now = {
		.tag = PIECE_OF("\"a\""),
		.modified_s = CONDITIONAL_NO_TIME,
		.now_s = MODIFIED,
	};
	static const char *const dates[] = { EXACT, LATER,
		"Thu, 01 Jan 1970 00:00:00 GMT\r\n",
		"Thu, 01 Jan 1970 00:00:01 GMT\r\n",
		"Wed, 31 Dec 1969 23:59:59 GMT\r\n" };
	size_t i;

	for (i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		static const char *const names[] = { SINCE, UNMODIFIED, RANGE };
		struct conditional condition;
		size_t j;

		for (j = 0; j < sizeof(names) / sizeof(names[0]); j++) {
			char fields[100];

			(void)snprintf(fields, sizeof(fields), "%s%s", names[j],
			    dates[i]);
			read_fields(&condition, fields);
			assert_int_equal(conditional_status(&condition, &now),
			    0);
			assert_int_equal(
			    conditional_may_range(&condition, &now),
			    condition.range_if.bytes == NULL);
		}
	}
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_condition_gets_its_status),
		cmocka_unit_test(what_has_no_time_is_not_judged_by_dates),
		cmocka_unit_test(a_date_of_just_now_is_no_strong_validator),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
