/* SPDX-License-Identifier: MIT */
/* Dates of HTTP (RFC 9110, 5.6.7) and others, in UTC, by own arithmetic. */
#include "common/date.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define DAY_SECONDS 86400
/* Days of 400 years, after which the calendar repeats. */
#define ERA_DAYS 146097
/* From the first of March of the year 0 to the beginning of 1970. */
#define EPOCH_DAYS 719468

static const char day_names[7][10] = { "Sunday", "Monday", "Tuesday",
	"Wednesday", "Thursday", "Friday", "Saturday" };
static const char month_names[12][4] = { "Jan", "Feb", "Mar", "Apr", "May",
	"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

static int64_t
floor_divide(int64_t a, int64_t b)
{
	return a / b - (a % b < 0 ? 1 : 0);
}

/*
 * Years here begin in March, so that the leap day is the last of a year; the
 * months from March on then have 153 days in every five.
 */
static int64_t
days_of(int64_t year, unsigned month, unsigned day)
{
	int64_t shifted = month <= 2 ? year - 1 : year;
	int64_t era = floor_divide(shifted, 400);
	int64_t year_of_era = shifted - era * 400;
	int64_t day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;

	return era * ERA_DAYS + year_of_era * 365 + year_of_era / 4 -
	    year_of_era / 100 + day_of_year - EPOCH_DAYS;
}

struct date
date_of(int64_t seconds)
{
	int64_t epoch_day = floor_divide(seconds, DAY_SECONDS);
	unsigned rest = (unsigned)(seconds - epoch_day * DAY_SECONDS);
	int64_t days = epoch_day + EPOCH_DAYS;
	int64_t era = floor_divide(days, ERA_DAYS);
	int64_t day = days - era * ERA_DAYS;
	int64_t year =
	    (day - day / 1460 + day / 36524 - day / (ERA_DAYS - 1)) / 365;
	unsigned march_month;

	day -= 365 * year + year / 4 - year / 100;
	march_month = (unsigned)((5 * day + 2) / 153);
	return (struct date){
		.year = era * 400 + year + (march_month >= 10 ? 1 : 0),
		.month = (march_month + 2) % 12 + 1,
		.day = (unsigned)(day - (153 * march_month + 2) / 5 + 1),
		.hour = rest / 3600,
		.minute = rest / 60 % 60,
		.second = rest % 60,
		/* The first day of 1970 was a Thursday. */
		.weekday = (unsigned)(((epoch_day + 4) % 7 + 7) % 7),
	};
}

const char *
date_month_name(unsigned month)
{
	return month_names[month - 1];
}

static void
put_number(char *to, unsigned number, unsigned digits)
{
	while (digits-- > 0) {
		to[digits] = (char)('0' + number % 10);
		number /= 10;
	}
}

void
date_format(char ret_text[DATE_BYTES], int64_t seconds)
{
	struct date date = date_of(seconds);

	memcpy(ret_text, "Sun, 00 Jan 0000 00:00:00 GMT", DATE_BYTES);
	memcpy(ret_text, day_names[date.weekday], 3);
	put_number(ret_text + 5, date.day, 2);
	memcpy(ret_text + 8, date_month_name(date.month), 3);
	put_number(ret_text + 12, (unsigned)date.year, 4);
	put_number(ret_text + 17, date.hour, 2);
	put_number(ret_text + 20, date.minute, 2);
	put_number(ret_text + 23, date.second, 2);
}

/* What is left to read, and whether all before it was as it should be. */
struct reader {
	const char *at;
	size_t n;
	bool is_bad;
};

static void
read_exactly(struct reader *reader, const char *expected)
{
	size_t n = strlen(expected);

	if (reader->is_bad || reader->n < n ||
	    memcmp(reader->at, expected, n) != 0) {
		reader->is_bad = true;
		return;
	}
	reader->at += n;
	reader->n -= n;
}

static unsigned
read_number(struct reader *reader, unsigned digits)
{
	unsigned number = 0;

	if (reader->is_bad || reader->n < digits) {
		reader->is_bad = true;
		return 0;
	}
	for (; digits > 0; digits--) {
		if (*reader->at < '0' || *reader->at > '9')
			reader->is_bad = true;
		number = number * 10 + (unsigned)(*reader->at - '0');
		reader->at++;
		reader->n--;
	}
	return number;
}

static unsigned
read_month(struct reader *reader)
{
	unsigned month;

	for (month = 1; month <= 12 && reader->n >= 3; month++) {
		if (memcmp(reader->at, date_month_name(month), 3) == 0) {
			read_exactly(reader, date_month_name(month));
			return month;
		}
	}
	reader->is_bad = true;
	return 1;
}

static void
read_time(struct reader *reader, struct date *date)
{
	date->hour = read_number(reader, 2);
	read_exactly(reader, ":");
	date->minute = read_number(reader, 2);
	read_exactly(reader, ":");
	date->second = read_number(reader, 2);
}

/* Behind the comma of "Sun, 06 Nov 1994 08:49:37 GMT". */
static void
read_fixdate(struct reader *reader, struct date *date)
{
	read_exactly(reader, ", ");
	date->day = read_number(reader, 2);
	read_exactly(reader, " ");
	date->month = read_month(reader);
	read_exactly(reader, " ");
	date->year = read_number(reader, 4);
	read_exactly(reader, " ");
	read_time(reader, date);
	read_exactly(reader, " GMT");
}

/* Behind the name of the day of "Sunday, 06-Nov-94 08:49:37 GMT". */
static void
read_rfc850(struct reader *reader, struct date *date, int64_t now_s)
{
	int64_t this_year = date_of(now_s).year;

	read_exactly(reader, ", ");
	date->day = read_number(reader, 2);
	read_exactly(reader, "-");
	date->month = read_month(reader);
	read_exactly(reader, "-");
	date->year = this_year - this_year % 100 + read_number(reader, 2);
	if (date->year > this_year + 50)
		date->year -= 100;
	read_exactly(reader, " ");
	read_time(reader, date);
	read_exactly(reader, " GMT");
}

/* Behind the name of the day of "Sun Nov  6 08:49:37 1994". */
static void
read_asctime(struct reader *reader, struct date *date)
{
	read_exactly(reader, " ");
	date->month = read_month(reader);
	read_exactly(reader, " ");
	if (reader->n > 0 && *reader->at == ' ') {
		read_exactly(reader, " ");
		date->day = read_number(reader, 1);
	} else {
		date->day = read_number(reader, 2);
	}
	read_exactly(reader, " ");
	read_time(reader, date);
	read_exactly(reader, " ");
	date->year = read_number(reader, 4);
}

/* Which day the text begins with, how much of its name; 7 where none. */
static unsigned
find_day(const char *text, size_t n, size_t *ret_bytes)
{
	unsigned day;

	for (day = 0; day < 7; day++) {
		size_t full = strlen(day_names[day]);

		*ret_bytes = 3;
		if (n > full && memcmp(text, day_names[day], full) == 0)
			*ret_bytes = full;
		if (n > 3 && memcmp(text, day_names[day], 3) == 0)
			return day;
	}
	return day;
}

static bool
is_real(const struct date *date, int64_t seconds)
{
	struct date same = date_of(seconds);

	/* A 31st of April comes back as something else. */
	return date->hour < 24 && date->minute < 60 && date->second <= 60 &&
	    date->month == same.month && date->day == same.day &&
	    date->weekday == same.weekday;
}

int
date_parse(int64_t *ret_seconds, const char *text, size_t n, int64_t now_s)
{
	struct reader reader = { text, n, false };
	struct date date = { .month = 1 };
	int64_t days;
	int64_t seconds;
	size_t day_bytes;

	date.weekday = find_day(text, n, &day_bytes);
	if (date.weekday == 7)
		return -EBADMSG;
	reader.at += day_bytes;
	reader.n -= day_bytes;
	if (day_bytes > 3)
		read_rfc850(&reader, &date, now_s);
	else if (*reader.at == ',')
		read_fixdate(&reader, &date);
	else
		read_asctime(&reader, &date);
	if (reader.is_bad || reader.n > 0)
		return -EBADMSG;
	days = days_of(date.year, date.month, date.day);
	seconds = date.hour * 3600 + date.minute * 60 + date.second;
	if (!is_real(&date, days * DAY_SECONDS))
		return -EBADMSG;
	*ret_seconds = days * DAY_SECONDS + seconds;
	return 0;
}
