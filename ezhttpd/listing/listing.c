/* SPDX-License-Identifier: MIT */
/* The names in a folder: collected and sorted; pure. */
#include "listing/listing.h"

#include <string.h>

/* --- collecting --------------------------------------------------------- */

bool
listing_add(struct listing *listing, const char *name,
    const struct listing_entry *facts)
{
	const size_t n = strlen(name) + 1;
	struct listing_entry *entry = &listing->entries[listing->count];

	if (listing->count == LISTING_ENTRIES ||
	    n > LISTING_NAME_BYTES - listing->name_bytes) {
		listing->is_cut = true;
		return false;
	}
	*entry = *facts;
	entry->name = (uint32_t)listing->name_bytes;
	memcpy(listing->names + listing->name_bytes, name, n);
	listing->name_bytes += n;
	listing->count++;
	return true;
}

/* --- sorting ------------------------------------------------------------ */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
folded(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

static size_t
digits(const char *text)
{
	size_t n = 0;

	while (is_digit(text[n]))
		n++;
	return n;
}

/* Compares the numbers at the front of two names, and passes over them. */
static int
compare_numbers(const char **a, const char **b)
{
	size_t a_digits;
	size_t b_digits;
	int r;

	while (**a == '0' && is_digit((*a)[1]))
		(*a)++;
	while (**b == '0' && is_digit((*b)[1]))
		(*b)++;
	a_digits = digits(*a);
	b_digits = digits(*b);
	if (a_digits != b_digits)
		return a_digits < b_digits ? -1 : 1;
	r = memcmp(*a, *b, a_digits);
	*a += a_digits;
	*b += b_digits;
	return r;
}

static int
compare_names(const char *a, const char *b)
{
	const char *left = a;
	const char *right = b;

	while (*left != '\0' && *right != '\0') {
		int r;

		if (is_digit(*left) && is_digit(*right)) {
			r = compare_numbers(&left, &right);
		} else {
			r = folded(*left) - folded(*right);
			left++;
			right++;
		}
		if (r != 0)
			return r;
	}
	if (*left != *right)
		return *left == '\0' ? -1 : 1;
	return strcmp(a, b);
}

static int
compare_amounts(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* Compares two files, or two folders, by the key of the order. */
static int
compare_keys(const struct listing *listing, const struct listing_entry *a,
    const struct listing_entry *b)
{
	switch (listing->order.key) {
	case LISTING_BY_SIZE:
		return a->is_folder ? 0 : compare_amounts(a->size, b->size);
	case LISTING_BY_TIME:
		return compare_amounts(a->modified_s, b->modified_s);
	default:
		return compare_names(listing->names + a->name,
		    listing->names + b->name);
	}
}

static bool
is_before(const struct listing *listing, size_t a, size_t b)
{
	const struct listing_entry *left = &listing->entries[a];
	const struct listing_entry *right = &listing->entries[b];
	int r;

	if (left->is_folder != right->is_folder)
		return left->is_folder;
	r = compare_keys(listing, left, right);
	if (r != 0)
		return listing->order.is_descending ? r > 0 : r < 0;
	return compare_names(listing->names + left->name,
		   listing->names + right->name) < 0;
}

static void
swap(struct listing *listing, size_t a, size_t b)
{
	struct listing_entry entry = listing->entries[a];

	listing->entries[a] = listing->entries[b];
	listing->entries[b] = entry;
}

/* Lets the entry at `top` sink in the heap of the first `n`. */
static void
sink(struct listing *listing, size_t top, size_t n)
{
	for (;;) {
		size_t child = 2 * top + 1;

		if (child >= n)
			return;
		if (child + 1 < n && is_before(listing, child, child + 1))
			child++;
		if (!is_before(listing, top, child))
			return;
		swap(listing, top, child);
		top = child;
	}
}

/* A heap sort: in place, and without a worst case that a stranger can make. */
void
listing_sort(struct listing *listing)
{
	size_t n = listing->count;
	size_t i;

	for (i = n / 2; i > 0; i--)
		sink(listing, i - 1, n);
	for (; n > 1; n--) {
		swap(listing, 0, n - 1);
		sink(listing, 0, n - 1);
	}
}
