/* SPDX-License-Identifier: MIT */
/* Dates of HTTP (RFC 9110, 5.6.7) and others, in UTC, by own arithmetic. */
#ifndef COMMON_DATE_H
#define COMMON_DATE_H

#include <stddef.h>
#include <stdint.h>

/* An IMF-fixdate, "Sun, 06 Nov 1994 08:49:37 GMT", without an end. */
#define DATE_BYTES 29
/* Last second that has a date with a year of four digits. */
#define DATE_LAST INT64_C(253402300799)

/* A moment by the calendar, UTC. */
struct date {
	int64_t year;
	/* 1 to 12, 1 to 31. */
	unsigned month;
	unsigned day;
	unsigned hour;
	unsigned minute;
	unsigned second;
	/* 0 is Sunday. */
	unsigned weekday;
};

/* The moment `seconds` after the beginning of 1970, any number of them. */
struct date date_of(int64_t seconds);

/* "Jan" and so on; `month` is 1 to 12. */
const char *date_month_name(unsigned month);

/* Writes an IMF-fixdate.  `seconds` is from 0 to DATE_LAST. */
void date_format(char ret_text[DATE_BYTES], int64_t seconds);

/*
 * Reads a date in any of the three forms of HTTP.  A year of two digits is
 * taken as the one nearest to `now_s`, at most 50 years ahead of it.
 * Returns 0, or -EBADMSG.
 */
int date_parse(int64_t *ret_seconds, const char *text, size_t n, int64_t now_s);

#endif
