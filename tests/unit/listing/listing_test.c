/* SPDX-License-Identifier: MIT */
/* The names in a folder. */
#include "listing/listing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random.h"

static struct listing listing;

static void
begin(void)
{
	listing.count = 0;
	listing.name_bytes = 0;
	listing.is_cut = false;
	listing.order = (struct listing_order){ 0 };
}

static void
add(const char *name, int64_t size, bool is_folder)
{
	assert_true(listing_add(&listing, name,
	    &(struct listing_entry){ .size = size,
		.modified_s = 784111777,
		.is_folder = is_folder }));
}

static void
names_are_sorted_as_people_do(void **state)
{
	static const char *const sorted[] = { "a-folder", "z-folder", "01", "1",
		"2", "2a", "10", "A", "a", "B", "b1", "b02", "b2", "b10",
		"b10a", "b123456789012345678901", "b223456789012345678901", "c",
		"\xc3\xa4" };
	const size_t n = sizeof(sorted) / sizeof(sorted[0]);
	size_t i;

	begin();
	/* In an order that is not theirs: 7 and 19 have no common part. */
	for (i = 0; i < n; i++) {
		const char *name = sorted[i * 7 % n];

		add(name, 0, strchr(name, '-') != NULL);
	}
	listing_sort(&listing);
	for (i = 0; i < n; i++)
		assert_string_equal(listing.names + listing.entries[i].name,
		    sorted[i]);
	(void)state;
}

static void
names_are_bounded(void **state)
{
	char name[LISTING_NAME_MAX + 1];
	size_t i;

	begin();
	memset(name, '\'', LISTING_NAME_MAX);
	name[LISTING_NAME_MAX] = '\0';
	for (i = 0; i < LISTING_NAME_BYTES / sizeof(name); i++)
		add(name, INT64_MAX, false);
	assert_false(listing.is_cut);
	assert_false(listing_add(&listing, name, &(struct listing_entry){ 0 }));
	assert_true(listing.is_cut);
	(void)state;
}

static void
entries_are_bounded(void **state)
{
	size_t i;

	begin();
	for (i = 0; i < LISTING_ENTRIES; i++)
		add("x", 0, false);
	assert_false(listing_add(&listing, "x", &(struct listing_entry){ 0 }));
	assert_true(listing.is_cut);
	(void)state;
}

/* --- orders, beside a simple model -------------------------------------- */

#define FEW 40

/*
 * True if two entries may follow each other: the names are numbers, so that
 * their order needs no second opinion, and no two are alike.
 */
static bool
may_follow(const struct listing_entry *a, const struct listing_entry *b)
{
	const struct listing_order order = listing.order;
	const long a_name = strtol(listing.names + a->name, NULL, 10);
	const long b_name = strtol(listing.names + b->name, NULL, 10);
	int64_t a_key = a_name;
	int64_t b_key = b_name;

	if (a->is_folder != b->is_folder)
		return a->is_folder;
	if (order.key == LISTING_BY_TIME) {
		a_key = a->modified_s;
		b_key = b->modified_s;
	} else if (order.key == LISTING_BY_SIZE) {
		a_key = a->is_folder ? 0 : a->size;
		b_key = b->is_folder ? 0 : b->size;
	}
	if (a_key == b_key)
		return a_name < b_name;
	return order.is_descending ? a_key > b_key : a_key < b_key;
}

/* Names from 0 up, each once, in an order by chance; few sizes and times. */
static void
add_few(struct random_stream *stream, uint32_t n)
{
	/* Differences of these overflow. */
	static const int64_t amounts[] = { 0, 1, INT64_MAX, INT64_MIN };
	const uint32_t first = random_below(stream, n);
	uint32_t i;

	for (i = 0; i < n; i++) {
		char name[] = { (char)('0' + (first + i * 7) % n / 10),
			(char)('0' + (first + i * 7) % n % 10), '\0' };

		assert_true(listing_add(&listing, name,
		    &(struct listing_entry){
			.size = amounts[random_below(stream, 3)],
			.modified_s = amounts[random_below(stream, 4)],
			.is_folder = random_below(stream, 3) == 0,
		    }));
	}
}

static void
every_order_is_that_of_the_model(void **state)
{
	struct random_stream stream = { 3 };
	int round;

	for (round = 0; round < 3000; round++) {
		size_t i;

		begin();
		listing.order.key = random_below(&stream, LISTING_KEYS);
		listing.order.is_descending = random_below(&stream, 2) == 1;
		/* Sevens have to go round: no multiples of seven. */
		add_few(&stream, 7 * random_below(&stream, FEW / 7) + 1);
		listing_sort(&listing);
		for (i = 1; i < listing.count; i++)
			assert_true(may_follow(&listing.entries[i - 1],
			    &listing.entries[i]));
	}
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_sorted_as_people_do),
		cmocka_unit_test(names_are_bounded),
		cmocka_unit_test(entries_are_bounded),
		cmocka_unit_test(every_order_is_that_of_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
