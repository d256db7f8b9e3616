/* SPDX-License-Identifier: MIT */
/* Ranges of bytes (RFC 9110, 14), asked for and served; pure. */
#include "http/range.h"

#include <errno.h>

/*
 * Takes the digits at the front, any number of them; what does not fit counts
 * as the largest there is, which is more than any file has.
 * Returns the number, or -1 where there are none.
 */
static int64_t
take_number(struct piece *rest)
{
	int64_t number = -1;

	while (rest->n > 0 && piece_is_digit(rest->bytes[0])) {
		int digit = rest->bytes[0] - '0';

		if (number < 0)
			number = 0;
		if (number > (INT64_MAX - digit) / 10)
			number = INT64_MAX;
		else
			number = number * 10 + digit;
		rest->bytes++;
		rest->n--;
	}
	return number;
}

/*
 * Reads "first-last", "first-" or "-suffix".
 * Returns 0, with no bytes where it cannot be satisfied, or -EBADMSG.
 */
static int
read_range(struct range *ret_range, struct piece text, int64_t size)
{
	int64_t first = take_number(&text);
	int64_t last;

	if (text.n == 0 || text.bytes[0] != '-')
		return -EBADMSG;
	text.bytes++;
	text.n--;
	last = take_number(&text);
	if (text.n > 0 || (first < 0 && last < 0))
		return -EBADMSG;
	if (first < 0) {
		first = last < size ? size - last : 0;
		last = last > 0 ? size - 1 : first - 1;
	} else if (last < 0) {
		last = INT64_MAX;
	} else if (last < first) {
		return -EBADMSG;
	}
	if (last >= size)
		last = size - 1;
	ret_range->start = first;
	ret_range->n = first < size ? last - first + 1 : 0;
	return 0;
}

/* Puts the range in its place; there is room. */
static void
insert(struct ranges *ranges, struct range range)
{
	unsigned i = ranges->count++;

	for (; i > 0 && ranges->at[i - 1].start > range.start; i--)
		ranges->at[i] = ranges->at[i - 1];
	ranges->at[i] = range;
}

/* Makes one of those that overlap or nearly meet. */
static void
join(struct ranges *ranges)
{
	unsigned kept = 0;
	unsigned i;

	for (i = 1; i < ranges->count; i++) {
		struct range *last = &ranges->at[kept];
		const struct range *next = &ranges->at[i];
		int64_t end = next->start + next->n;

		if (next->start - (last->start + last->n) > RANGE_GAP_BYTES)
			ranges->at[++kept] = *next;
		else if (end > last->start + last->n)
			last->n = end - last->start;
	}
	if (ranges->count > 0)
		ranges->count = kept + 1;
}

/* RFC 9110, 14.1: the unit, whose case does not matter. */
static bool
take_unit(struct piece *text)
{
	static const struct piece bytes = PIECE_OF("bytes");
	struct piece unit;

	return piece_split(text, '=', &unit) && piece_equals(unit, bytes);
}

int
range_parse(struct ranges *ret_ranges, struct piece text, int64_t size)
{
	struct ranges ranges = { 0 };
	unsigned asked = 0;
	bool has_more;

	if (!take_unit(&text))
		return -EBADMSG;
	do {
		struct piece element = text;
		struct range range;

		has_more = piece_split(&text, ',', &element);
		element = piece_trimmed(element);
		/* RFC 9110, 5.6.1.2: an element may be empty. */
		if (element.n == 0)
			continue;
		if (++asked > RANGE_COUNT)
			return -EMSGSIZE;
		if (read_range(&range, element, size) < 0)
			return -EBADMSG;
		if (range.n > 0)
			insert(&ranges, range);
	} while (has_more);
	if (asked == 0)
		return -EBADMSG;
	join(&ranges);
	*ret_ranges = ranges;
	return 0;
}
