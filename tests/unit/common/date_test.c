/* SPDX-License-Identifier: MIT */
/* Dates of HTTP, written and read. */
#include "common/date.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"

/* Sunday, 6 November 1994, 08:49:37: the example of RFC 9110. */
#define EXAMPLE INT64_C(784111777)
/* A moment in 2026. */
#define NOW INT64_C(1795361924)

static const struct {
	const char *text;
	/* -1: refused. */
	int64_t seconds;
	const char *shows;
} dates[] = {
	{ "Sun, 06 Nov 1994 08:49:37 GMT", EXAMPLE, "the form of today" },
	{ "Sunday, 06-Nov-94 08:49:37 GMT", EXAMPLE, "the form of RFC 850" },
	{ "Sun Nov  6 08:49:37 1994", EXAMPLE, "the form of asctime" },
	{ "Thu, 01 Jan 1970 00:00:00 GMT", 0, "the beginning" },
	{ "Thu, 29 Feb 2024 00:00:00 GMT", 1709164800, "a leap day" },
	{ "Tue, 29 Feb 2000 00:00:00 GMT", 951782400, "of a leap century" },
	{ "Thu Nov 10 00:00:00 1994", 784425600, "asctime, two digits" },
	{ "Sat, 31 Dec 2016 23:59:60 GMT", 1483228800, "a leap second" },
	{ "Fri, 31 Dec 9999 23:59:59 GMT", DATE_LAST, "the last" },
	{ "Wednesday, 01-Jan-76 00:00:00 GMT", 3345062400, "50 years on" },
	{ "Saturday, 01-Jan-77 00:00:00 GMT", 220924800,
	    "51 years on is past" },

	{ "", -1, "nothing" },
	{ "Sun", -1, "a day" },
	{ "Sun,", -1, "a day and a comma" },
	{ "Sunday", -1, "a whole day" },
	{ "Sun, 06 Nov 1994 08:49:37 GM", -1, "one byte short" },
	{ "Sun, 06 Nov 1994 08:49:37 GMT ", -1, "one byte long" },
	{ "Mon, 06 Nov 1994 08:49:37 GMT", -1, "the wrong day" },
	{ "Sun, 6 Nov 1994 08:49:37 GMT", -1, "one digit" },
	{ "sun, 06 nov 1994 08:49:37 gmt", -1, "lower case" },
	{ "Sun, 06 Nov 1994 08:49:37 UTC", -1, "another zone" },
	{ "Sun, 06 Nov 1994 08:49:37 +0000", -1, "an offset" },
	{ "Sun, 06 Nov 1994 24:00:00 GMT", -1, "hour 24" },
	{ "Sun, 06 Nov 1994 08:60:00 GMT", -1, "minute 60" },
	{ "Sun, 06 Nov 1994 08:49:61 GMT", -1, "second 61" },
	{ "Sun, 00 Nov 1994 08:49:37 GMT", -1, "day 0" },
	{ "Thu, 31 Apr 1994 08:49:37 GMT", -1, "31 April" },
	{ "Thu, 29 Feb 1900 00:00:00 GMT", -1, "no leap day" },
	{ "Sun, 06 Foo 1994 08:49:37 GMT", -1, "no month" },
	{ "Sun, 06 Nov 19x4 08:49:37 GMT", -1, "no year" },
	{ "1994-11-06T08:49:37Z", -1, "ISO 8601" },
	{ "Sux, 06 Nov 1994 08:49:37 GMT", -1, "nearly a day" },
	{ "Sun, 06Nov 1994 08:49:37 GMT", -1, "no space" },
	{ "Sun, 06 Nov 1994 08:49:3/ GMT", -1, "the byte before the digits" },
	{ "Sun, 06 Nov 1994 08:49:3: GMT", -1, "the byte behind the digits" },
	{ "Thu, 06  1994 08:49:37 GMT", -1, "no month at all" },
	{ "Sun, 06 No", -1, "half a month" },
	{ "Sun, 06 Nov 1994 08:49:3", -1, "half a number" },
	{ "Sun Nov ", -1, "no day of the month" },
	{ "Sun Nov  6 08:49:37 199", -1, "most of a year" },
	{ "Mon Nov  6 08:49:37 ", -1, "no year" },
	{ "784111777", -1, "a number" },
};

static void
each_date_is_read(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {
		size_t n = strlen(dates[i].text);
		int64_t seconds = -1;
		int r =
		    date_parse(&seconds, guard_copy(dates[i].text, n), n, NOW);

		if (r != (dates[i].seconds < 0 ? -EBADMSG : 0) ||
		    seconds != dates[i].seconds)
			fail_msg("%s: %d, %lld", dates[i].shows, r,
			    (long long)seconds);
	}
	(void)state;
}

static void
what_is_written_is_read_back(void **state)
{
	int64_t seconds;

	/* A step that is prime meets every day, month and leap rule. */
	for (seconds = 0; seconds <= DATE_LAST; seconds += 86400 * 37 + 12347) {
		char *text = guard_copy("", 0) - DATE_BYTES;
		int64_t back = -1;

		date_format(text, seconds);
		assert_int_equal(date_parse(&back, text, DATE_BYTES, NOW), 0);
		assert_int_equal(back, seconds);
	}
	(void)state;
}

static void
the_example_is_written(void **state)
{
	char text[DATE_BYTES];

	date_format(text, EXAMPLE);
	assert_memory_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT", DATE_BYTES);
	(void)state;
}

static unsigned
days_in(int64_t year, unsigned month)
{
	static const unsigned days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };
	bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && is_leap ? 1 : 0);
}

/* 400 years, after which all repeats, and the years around them. */
static void
every_day_follows_the_one_before(void **state)
{
	const int64_t first = INT64_C(-11676182400);
	struct date last = date_of(first - 86400);
	int64_t day;

	assert_int_equal(last.year, 1599);
	for (day = 0; day < 410 * 366; day++) {
		struct date next = date_of(first + day * 86400);
		bool is_new_month = last.day == days_in(last.year, last.month);
		bool is_new_year = is_new_month && last.month == 12;

		assert_int_equal(next.day, is_new_month ? 1 : last.day + 1);
		assert_int_equal(next.month,
		    is_new_year ? 1 : last.month + (is_new_month ? 1 : 0));
		assert_int_equal(next.year, last.year + (is_new_year ? 1 : 0));
		assert_int_equal(next.weekday, (last.weekday + 1) % 7);
		assert_int_equal(next.hour, 0);
		last = next;
	}
	(void)state;
}

static void
moments_before_1970_have_a_date(void **state)
{
	struct date date = date_of(-1);

	assert_int_equal(date.year, 1969);
	assert_int_equal(date.month, 12);
	assert_int_equal(date.day, 31);
	assert_int_equal(date.second, 59);
	assert_int_equal(date.weekday, 3);
	date = date_of(-86400);
	assert_int_equal(date.day, 31);
	assert_int_equal(date.hour, 0);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_date_is_read),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(the_example_is_written),
		cmocka_unit_test(every_day_follows_the_one_before),
		cmocka_unit_test(moments_before_1970_have_a_date),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
