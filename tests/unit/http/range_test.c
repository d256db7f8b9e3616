/* SPDX-License-Identifier: MIT */
/* Ranges of bytes: how they are read, and what is made of them. */
#include "http/range.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "random.h"

#define SIZE 1000
/* Ranges of a random text. */
#define MANY 25
#define BAD (-EBADMSG)

/* The ranges as "first+n first+n", or an error. */
static const struct {
	const char *text;
	int error;
	const char *ranges;
	const char *shows;
} cases[] = {
	{ "bytes=2-4", 0, "2+3", "one" },
	{ "bytes=5-", 0, "5+995", "to the end" },
	{ "bytes=-3", 0, "997+3", "the last three" },
	{ "bytes=0-0", 0, "0+1", "the first byte" },
	{ "bytes=-1", 0, "999+1", "the last byte, as a suffix" },
	{ "bytes=0-5x", BAD, "", "a letter behind" },
	{ "bytes=999-999", 0, "999+1", "the last byte" },
	{ "bytes=-1000", 0, "0+1000", "a suffix of all" },
	{ "bytes=-1001", 0, "0+1000", "a suffix of more" },
	{ "bytes=8-9999", 0, "8+992", "beyond the end" },
	{ "BYTES=1-2", 0, "1+2", "the unit in capitals" },
	{ "bytes= 1-2 , 500-501 ", 0, "1+2 500+2", "blanks around" },
	{ "bytes=,1-2,,", 0, "1+2", "empty elements" },
	{ "bytes=500-501,1-2", 0, "1+2 500+2", "another order" },
	{ "bytes=0-9,5-20", 0, "0+21", "overlapping" },
	{ "bytes=0-9,10-20", 0, "0+21", "meeting" },
	{ "bytes=0-9,90-99", 0, "0+100", "80 bytes between" },
	{ "bytes=0-9,91-99", 0, "0+10 91+9", "81 bytes between" },
	{ "bytes=0-500,100-200,300-400", 0, "0+501", "contained" },
	{ "bytes=0-,-1", 0, "0+1000", "all, and more" },
	{ "bytes=0-0,2000-", 0, "0+1", "one that is not there" },
	{ "bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7", 0, "0+8", "eight" },
	{ "bytes=1000-", 0, "", "behind the end" },
	{ "bytes=1000-1001", 0, "", "behind the end, twice" },
	{ "bytes=-0", 0, "", "the last none" },
	{ "bytes=9223372036854775807-", 0, "", "2^63 - 1" },
	{ "bytes=18446744073709551616-", 0, "", "2^64" },
	{ "bytes=-18446744073709551616", 0, "0+1000", "a suffix of 2^64" },
	{ "bytes=0-9223372036854775808", 0, "0+1000", "up to 2^63" },
	{ "bytes=00000000000000000000002-00004", 0, "2+3", "zeros in front" },
	{ "bytes=0-0,1-1,2-2,3-3,4-4,5-5,6-6,7-7,8-8", 0, "0+9",
	    "nine that are one" },
	{ "bytes=0-0,200-200,400-400,600-600,150-550", 0, "0+1 150+451",
	    "one that joins those on both sides" },
	{ "bytes=400-400,200-200,0-0,300-300", 0, "0+1 200+1 300+1 400+1",
	    "backwards" },
	{ "bytes=101-200,19-19,0-9", 0, "0+20 101+100", "81 bytes in front" },
	{ "bytes=5-2", BAD, "", "backwards" },
	{ "bytes=18446744073709551615-2", BAD, "", "backwards, overflowing" },
	{ "bytes=0-1,5-2", BAD, "", "backwards behind a good one" },
	{ "bytes=", BAD, "", "none" },
	{ "bytes=,", BAD, "", "none but a comma" },
	{ "bytes=-", BAD, "", "a dash" },
	{ "bytes=--1", BAD, "", "two dashes" },
	{ "bytes=1", BAD, "", "no dash" },
	{ "bytes=1-2-3", BAD, "", "two dashes within" },
	{ "bytes=1 -2", BAD, "", "a space within" },
	{ "bytes=+1-2", BAD, "", "a plus" },
	{ "bytes=0x1-2", BAD, "", "hexadecimal" },
	{ "bytes=a-b", BAD, "", "letters" },
	{ "bytes=1-2;3-4", BAD, "", "a semicolon" },
	{ "bytes 1-2", BAD, "", "no equals sign" },
	{ "bytes", BAD, "", "a unit alone" },
	{ "", BAD, "", "nothing" },
	{ "=1-2", BAD, "", "no unit" },
	{ "lines=1-2", BAD, "", "another unit" },
	{ "bytes =1-2", BAD, "", "a space behind the unit" },
};

static void
write_ranges(char *to, size_t size, const struct ranges *ranges)
{
	unsigned i;

	to[0] = '\0';
	for (i = 0; i < ranges->count; i++) {
		size_t n = strlen(to);

		(void)snprintf(to + n, size - n, "%s%lld+%lld",
		    i > 0 ? " " : "", (long long)ranges->at[i].start,
		    (long long)ranges->at[i].n);
	}
}

static void
each_text_gives_its_ranges(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t n = strlen(cases[i].text);
		struct piece text = { guard_copy(cases[i].text, n), n };
		struct ranges ranges = { 0 };
		int error = range_parse(&ranges, text, SIZE);
		char written[400];

		if (error < 0)
			ranges.count = 0;
		write_ranges(written, sizeof(written), &ranges);
		if (error != cases[i].error ||
		    strcmp(written, cases[i].ranges) != 0)
			fail_msg("%s: %d, %s", cases[i].shows, error, written);
	}
	(void)state;
}

/* Numbers up to the largest are what they are. */
static void
a_huge_file_has_ranges_too(void **state)
{
	static const struct piece text =
	    PIECE_OF("bytes=9000000000000000000-9000000000000000009,"
		     "9223372036854775800-");
	struct ranges ranges = { 0 };

	assert_int_equal(range_parse(&ranges, text, INT64_MAX), 0);
	assert_int_equal(ranges.count, 2);
	assert_int_equal(ranges.at[0].start, INT64_C(9000000000000000000));
	assert_int_equal(ranges.at[0].n, 10);
	assert_int_equal(ranges.at[1].start, INT64_C(9223372036854775800));
	assert_int_equal(ranges.at[1].n, 7);
	(void)state;
}

/* What is true of all ranges that come of a text. */
static void
check(const struct ranges *ranges, int64_t size)
{
	int64_t end = -RANGE_GAP_BYTES - 1;
	unsigned i;

	assert_true(ranges->count <= RANGE_COUNT);
	for (i = 0; i < ranges->count; i++) {
		const struct range *range = &ranges->at[i];

		assert_true(range->n > 0 && range->start >= 0);
		assert_true(range->start - end > RANGE_GAP_BYTES);
		end = range->start + range->n;
		assert_true(end <= size);
	}
}

/* Histories of random texts, against a map of every byte. */
static void
no_byte_is_lost_and_few_are_added(void **state)
{
	struct random_stream stream = { 1 };
	int round;

	for (round = 0; round < 20000; round++) {
		const int64_t size = 1 + random_below(&stream, 2000);
		const unsigned count = 1 + random_below(&stream, MANY);
		bool is_asked[2000] = { false };
		char text[300] = "bytes=";
		struct ranges ranges = { 0 };
		unsigned i;
		int64_t at;

		for (i = 0; i < count; i++) {
			unsigned first = random_below(&stream, 2500);
			unsigned last = first + random_below(&stream, 100);
			size_t n = strlen(text);

			(void)snprintf(text + n, sizeof(text) - n, "%s%u-%u",
			    i > 0 ? "," : "", first, last);
			for (at = first; at <= last && at < size; at++)
				is_asked[at] = true;
		}
		assert_int_equal(range_parse(&ranges,
				     (struct piece){ text, strlen(text) },
				     size),
		    0);
		check(&ranges, size);
		for (i = 0; i < ranges.count; i++) {
			at = ranges.at[i].start;
			assert_true(is_asked[at]);
			assert_true(is_asked[at + ranges.at[i].n - 1]);
			for (; at < ranges.at[i].start + ranges.at[i].n; at++)
				is_asked[at] = false;
		}
		for (at = 0; at < size; at++)
			assert_false(is_asked[at]);
	}
	(void)state;
}

/* Writes `count` ranges of a byte, 100 bytes apart, from `first` on. */
static struct piece
write_apart(char *to, size_t size, unsigned first, unsigned count, bool is_up)
{
	size_t n = (size_t)snprintf(to, size, "bytes=");
	unsigned i;

	for (i = 0; i < count; i++) {
		unsigned at = 100 * (first + (is_up ? i : count - 1 - i));

		n += (size_t)snprintf(to + n, size - n, "%s%u-%u",
		    i > 0 ? "," : "", at, at);
	}
	return (struct piece){ to, n };
}

static void
ranges_are_counted_after_joining(void **state)
{
	static char text[20000];
	static struct ranges ranges;
	struct piece piece;
	int is_up;

	for (is_up = 0; is_up < 2; is_up++) {
		piece = write_apart(text, sizeof(text), 0, RANGE_COUNT, is_up);
		assert_int_equal(range_parse(&ranges, piece, 1 << 30), 0);
		assert_int_equal(ranges.count, RANGE_COUNT);
		/* One more that joins two is none too many. */
		piece.n +=
		    (size_t)snprintf(text + piece.n, sizeof(text) - piece.n,
			",40-60,%d-", 100 * (RANGE_COUNT - 1));
		assert_int_equal(range_parse(&ranges, piece, 1 << 30), 0);
		assert_int_equal(ranges.count, RANGE_COUNT - 1);
		piece =
		    write_apart(text, sizeof(text), 0, RANGE_COUNT + 1, is_up);
		assert_int_equal(range_parse(&ranges, piece, 1 << 30),
		    -EMSGSIZE);
	}
	(void)state;
}

static void
ten_thousand_digits_are_one_number(void **state)
{
	static char text[10100] = "bytes=";
	struct ranges ranges;
	struct piece piece = { text, 6 + 10000 + 3 };

	memset(text + 6, '0', 10000);
	memcpy(text + 6 + 10000, "7-8", 3);
	assert_int_equal(range_parse(&ranges, piece, SIZE), 0);
	assert_int_equal(ranges.at[0].start, 7);
	memset(text + 6, '9', 10000);
	assert_int_equal(range_parse(&ranges, piece, SIZE), -EBADMSG);
	memcpy(text + 6 + 10000, "-\t ", 3);
	assert_int_equal(range_parse(&ranges, piece, INT64_MAX), 0);
	assert_int_equal(ranges.count, 0);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_text_gives_its_ranges),
		cmocka_unit_test(a_huge_file_has_ranges_too),
		cmocka_unit_test(no_byte_is_lost_and_few_are_added),
		cmocka_unit_test(ranges_are_counted_after_joining),
		cmocka_unit_test(ten_thousand_digits_are_one_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
