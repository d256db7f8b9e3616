/* SPDX-License-Identifier: MIT */
/* Ranges of bytes (RFC 9110, 14), asked for and served; pure. */
#include "http/range.h"

#include <errno.h>
#include <string.h>

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

static int64_t
end_of(const struct range *range)
{
	return range->start + range->n;
}

/* The index of the first range that starts after `start`. */
static unsigned
find_after(const struct ranges *ranges, int64_t start)
{
	unsigned low = 0;
	unsigned high = ranges->count;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;

		if (ranges->at[middle].start <= start)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* True if two ranges, of which `first` starts first, are to be served as one.
 */
static bool
is_near(const struct range *first, const struct range *second)
{
	return second->start - end_of(first) <= RANGE_GAP_BYTES;
}

/* Makes `range` cover `other` as well. */
static void
cover(struct range *range, const struct range *other)
{
	int64_t end = end_of(range);

	if (end_of(other) > end)
		end = end_of(other);
	if (other->start < range->start)
		range->start = other->start;
	range->n = end - range->start;
}

/*
 * Adds a range, joined with those that it overlaps or nearly meets: these are
 * at[first] to at[behind - 1].
 * Returns 0, or -EMSGSIZE where it would be one too many.
 */
static int
add(struct ranges *ranges, struct range range)
{
	unsigned behind = find_after(ranges, range.start);
	unsigned first = behind;

	if (first > 0 && is_near(&ranges->at[first - 1], &range))
		cover(&range, &ranges->at[--first]);
	while (behind < ranges->count && is_near(&range, &ranges->at[behind]))
		cover(&range, &ranges->at[behind++]);
	if (first == behind && ranges->count == RANGE_COUNT)
		return -EMSGSIZE;
	memmove(&ranges->at[first + 1], &ranges->at[behind],
	    (ranges->count - behind) * sizeof(ranges->at[0]));
	ranges->at[first] = range;
	ranges->count -= behind - first;
	ranges->count++;
	return 0;
}

/* RFC 9110, 14.1: the unit, whose case does not matter. */
static bool
take_unit(struct piece *text)
{
	static const struct piece bytes = PIECE_OF("bytes");
	struct piece unit;

	return piece_split(text, '=', &unit) && piece_equals(unit, bytes);
}

/*
 * Reads one element and adds its range, if there is something of it.
 * Returns 0, -EBADMSG or -EMSGSIZE.
 */
static int
take_element(struct ranges *ranges, struct piece element, int64_t size)
{
	struct range range;
	int r = read_range(&range, element, size);

	if (r < 0 || range.n == 0)
		return r;
	return add(ranges, range);
}

int
range_parse(struct ranges *ret_ranges, struct piece text, int64_t size)
{
	bool is_empty = true;
	bool has_more;
	int r;

	if (!take_unit(&text))
		return -EBADMSG;
	ret_ranges->count = 0;
	do {
		struct piece element = text;

		has_more = piece_split(&text, ',', &element);
		element = piece_trimmed(element);
		/* RFC 9110, 5.6.1.2: an element may be empty. */
		if (element.n == 0)
			continue;
		is_empty = false;
		r = take_element(ret_ranges, element, size);
		if (r < 0)
			return r;
	} while (has_more);
	return is_empty ? -EBADMSG : 0;
}
