/* SPDX-License-Identifier: MIT */
/* The names in a folder: collected and sorted; pure. */
#include "listing/listing.h"

#include <string.h>

/* --- the order ---------------------------------------------------------- */

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
is_before(const struct listing *listing, const struct listing_entry *left,
    const struct listing_entry *right)
{
	int r;

	if (left->is_folder != right->is_folder)
		return left->is_folder;
	r = compare_keys(listing, left, right);
	if (r != 0)
		return listing->order.is_descending ? r > 0 : r < 0;
	return compare_names(listing->names + left->name,
		   listing->names + right->name) < 0;
}

/* The order in which the names lie. */
static bool
lies_before(const struct listing *listing, const struct listing_entry *left,
    const struct listing_entry *right)
{
	(void)listing;
	return left->name < right->name;
}

/* --- heaps -------------------------------------------------------------- */

/* An order of entries. */
typedef bool order_function(const struct listing *listing,
    const struct listing_entry *left, const struct listing_entry *right);

static void
swap(struct listing *listing, size_t a, size_t b)
{
	struct listing_entry entry = listing->entries[a];

	listing->entries[a] = listing->entries[b];
	listing->entries[b] = entry;
}

/* Lets the entry at `top` sink in the heap of the first `n`. */
static void
sink(struct listing *listing, size_t top, size_t n, order_function *before)
{
	struct listing_entry *entries = listing->entries;

	for (;;) {
		size_t child = 2 * top + 1;

		if (child >= n)
			return;
		if (child + 1 < n &&
		    before(listing, &entries[child], &entries[child + 1]))
			child++;
		if (!before(listing, &entries[top], &entries[child]))
			return;
		swap(listing, top, child);
		top = child;
	}
}

/* Lets the last entry rise in the heap that those before it are. */
static void
rise(struct listing *listing, order_function *before)
{
	struct listing_entry *entries = listing->entries;
	size_t at = listing->count - 1;

	while (
	    at > 0 && before(listing, &entries[(at - 1) / 2], &entries[at])) {
		swap(listing, at, (at - 1) / 2);
		at = (at - 1) / 2;
	}
}

static void
make_heap(struct listing *listing, order_function *before)
{
	size_t i;

	for (i = listing->count / 2; i > 0; i--)
		sink(listing, i - 1, listing->count, before);
}

/* A heap sort: in place, and without a worst case that a stranger can make. */
static void
sort(struct listing *listing, order_function *before)
{
	size_t n;

	make_heap(listing, before);
	for (n = listing->count; n > 1; n--) {
		swap(listing, 0, n - 1);
		sink(listing, 0, n - 1, before);
	}
	listing->is_heap = false;
}

void
listing_sort(struct listing *listing)
{
	sort(listing, is_before);
}

/* --- collecting --------------------------------------------------------- */

void
listing_init(struct listing *listing, struct listing_order order)
{
	listing->order = order;
	listing->files = 0;
	listing->folders = 0;
	listing->file_bytes = 0;
	listing->left_out = 0;
	listing->is_partial = false;
	listing->used_bytes = 0;
	listing->kept_bytes = 0;
	listing->is_heap = false;
	listing->count = 0;
}

static size_t
name_size(const struct listing *listing, const struct listing_entry *entry)
{
	return strlen(listing->names + entry->name) + 1;
}

static bool
has_room(const struct listing *listing, size_t n)
{
	return listing->count < LISTING_ENTRIES &&
	    n <= LISTING_NAME_BYTES - listing->kept_bytes;
}

/* Notes an entry that goes before all that were left out so far. */
static void
leave_out(struct listing *listing, const struct listing_entry *entry)
{
	listing->left_out++;
	listing->out = *entry;
	memmove(listing->names + LISTING_OUT_NAME, listing->names + entry->name,
	    name_size(listing, entry));
	listing->out.name = LISTING_OUT_NAME;
}

/* Leaves out the last entry of the heap. */
static void
drop_last(struct listing *listing)
{
	const struct listing_entry last = listing->entries[0];

	listing->kept_bytes -= name_size(listing, &last);
	leave_out(listing, &last);
	listing->entries[0] = listing->entries[--listing->count];
	sink(listing, 0, listing->count, is_before);
}

/* Takes the names together that are still of an entry. */
static void
compact(struct listing *listing)
{
	size_t used = 0;
	size_t i;

	sort(listing, lies_before);
	for (i = 0; i < listing->count; i++) {
		struct listing_entry *entry = &listing->entries[i];
		const size_t n = name_size(listing, entry);

		memmove(listing->names + used, listing->names + entry->name, n);
		entry->name = (uint32_t)used;
		used += n;
	}
	listing->used_bytes = used;
	make_heap(listing, is_before);
	listing->is_heap = true;
}

/* Adds an entry for whose name there is room. */
static void
keep(struct listing *listing, struct listing_entry entry)
{
	const size_t n = name_size(listing, &entry);

	if (n > LISTING_NAMES_SIZE - listing->used_bytes)
		compact(listing);
	memcpy(listing->names + listing->used_bytes,
	    listing->names + entry.name, n);
	entry.name = (uint32_t)listing->used_bytes;
	listing->used_bytes += n;
	listing->kept_bytes += n;
	listing->entries[listing->count++] = entry;
	if (listing->is_heap)
		rise(listing, is_before);
}

/* Makes room by leaving out what comes after the new entry. */
static void
make_room(struct listing *listing, const struct listing_entry *entry, size_t n)
{
	if (!listing->is_heap) {
		make_heap(listing, is_before);
		listing->is_heap = true;
	}
	while (!has_room(listing, n) && listing->count > 0 &&
	    is_before(listing, entry, &listing->entries[0]))
		drop_last(listing);
}

/* Keeps an entry if it is among the first ones, of all that were added. */
static void
keep_first(struct listing *listing, const struct listing_entry *entry)
{
	const size_t n = name_size(listing, entry);

	if (listing->left_out > 0 &&
	    !is_before(listing, entry, &listing->out)) {
		listing->left_out++;
		return;
	}
	if (!has_room(listing, n))
		make_room(listing, entry, n);
	if (has_room(listing, n))
		keep(listing, *entry);
	else
		leave_out(listing, entry);
}

bool
listing_add(struct listing *listing, const char *name,
    const struct listing_entry *facts)
{
	struct listing_entry entry = *facts;

	if (listing->files + listing->folders == LISTING_SEEN) {
		listing->is_partial = true;
		return false;
	}
	if (facts->is_folder) {
		listing->folders++;
	} else {
		listing->files++;
		listing->file_bytes += (uint64_t)facts->size;
	}
	entry.name = LISTING_NEW_NAME;
	memcpy(listing->names + entry.name, name, strlen(name) + 1);
	keep_first(listing, &entry);
	return true;
}

bool
listing_is_cut(const struct listing *listing)
{
	return listing->left_out > 0 || listing->is_partial;
}
