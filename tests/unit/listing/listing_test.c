/* SPDX-License-Identifier: MIT */
/* The names in a folder. */
#include "listing/listing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random.h"

static struct listing listing;

static void
begin(void)
{
	listing_init(&listing, (struct listing_order){ 0 });
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

/* The name of an entry. */
static const char *
name_at(size_t index)
{
	return listing.names + listing.entries[index].name;
}

/* A name that sorts as its number, of `n` bytes. */
static const char *
numbered(unsigned number, size_t n)
{
	static char name[LISTING_NAME_MAX + 1];

	(void)snprintf(name, sizeof(name), "%08u", number);
	memset(name + 8, 'x', n - 8);
	name[n] = '\0';
	return name;
}

/*
 * Adds the numbers below `count` in an order that is not theirs, and sorts: the
 * first `kept` are there, and the others are counted.
 */
static void
keeps_the_first(unsigned count, unsigned kept, size_t name_bytes, unsigned step)
{
	unsigned number = 0;
	unsigned i;

	for (i = 0; i < count; i++) {
		number = (number + step) % count;
		add(numbered(number, name_bytes), 3, false);
	}
	assert_int_equal(listing.files, count);
	assert_int_equal(listing.file_bytes, 3 * count);
	assert_int_equal(listing.left_out, count - kept);
	assert_int_equal(listing.count, kept);
	assert_int_equal(listing_is_cut(&listing), count > kept);
	listing_sort(&listing);
	for (i = 0; i < kept; i++) {
		number = listing.order.is_descending ? count - 1 - i : i;
		assert_string_equal(name_at(i), numbered(number, name_bytes));
	}
}

static void
of_many_names_the_first_are_kept(void **state)
{
	/* No step has a part in common with a count. */
	static const unsigned steps[] = { 1, 7919, 40008, 40002 };
	size_t i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		begin();
		keeps_the_first(40009, LISTING_ENTRIES, 10, steps[i]);
		begin();
		listing.order.is_descending = true;
		keeps_the_first(40009, LISTING_ENTRIES, 10, steps[i]);
	}
	begin();
	keeps_the_first(LISTING_ENTRIES, LISTING_ENTRIES, 10, 7919);
	begin();
	keeps_the_first(LISTING_ENTRIES + 1, LISTING_ENTRIES, 10, 7919);
	(void)state;
}

static void
of_long_names_as_many_are_kept_as_have_room(void **state)
{
	const unsigned most = LISTING_NAME_BYTES / (LISTING_NAME_MAX + 1);

	begin();
	keeps_the_first(most, most, LISTING_NAME_MAX, 1);
	begin();
	keeps_the_first(30011, most, LISTING_NAME_MAX, 30010);
	begin();
	keeps_the_first(30011, most, LISTING_NAME_MAX, 7919);
	(void)state;
}

/*
 * Names of any lengths, in two orders: the same are kept, and they are all up
 * to one, so that none is there by chance.
 */
static void
what_is_kept_does_not_depend_on_the_order_of_adding(void **state)
{
	enum { COUNT = 20011 };
	static unsigned char lengths[COUNT];
	static char kept[COUNT];
	struct random_stream stream = { 5 };
	unsigned number;
	unsigned i;
	size_t count;

	for (i = 0; i < COUNT; i++)
		lengths[i] = (unsigned char)(8 + random_below(&stream, 240));
	begin();
	for (i = 0; i < COUNT; i++)
		add(numbered(i, lengths[i]), 0, false);
	count = listing.count;
	assert_in_range(count, 1, LISTING_ENTRIES - 1);
	listing_sort(&listing);
	for (i = 0; i < count; i++)
		assert_string_equal(name_at(i), numbered(i, lengths[i]));
	begin();
	for (i = 0, number = 0; i < COUNT; i++) {
		number = (number + 7919) % COUNT;
		add(numbered(number, lengths[number]), 0, false);
	}
	assert_int_equal(listing.count, count);
	assert_int_equal(listing.left_out, COUNT - count);
	for (i = 0; i < count; i++)
		kept[strtoul(name_at(i), NULL, 10)] = 1;
	for (i = 0; i < COUNT; i++)
		assert_int_equal(kept[i], i < count);
	(void)state;
}

static void
folders_go_before_files_that_were_there(void **state)
{
	unsigned i;

	begin();
	for (i = 0; i < LISTING_ENTRIES; i++)
		add(numbered(i, 8), 0, false);
	add("zzz", 0, true);
	assert_int_equal(listing.folders, 1);
	assert_int_equal(listing.left_out, 1);
	listing_sort(&listing);
	assert_string_equal(name_at(0), "zzz");
	assert_string_equal(name_at(LISTING_ENTRIES - 1),
	    numbered(LISTING_ENTRIES - 2, 8));
	(void)state;
}

static void
so_many_names_are_looked_at_and_no_more(void **state)
{
	unsigned i;

	begin();
	for (i = 0; i < LISTING_SEEN; i++)
		add(numbered(i, 8), 0, false);
	assert_false(listing.is_partial);
	assert_false(listing_add(&listing, "a", &(struct listing_entry){ 0 }));
	assert_true(listing.is_partial && listing_is_cut(&listing));
	assert_int_equal(listing.files, LISTING_SEEN);
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
		cmocka_unit_test(of_many_names_the_first_are_kept),
		cmocka_unit_test(of_long_names_as_many_are_kept_as_have_room),
		cmocka_unit_test(
		    what_is_kept_does_not_depend_on_the_order_of_adding),
		cmocka_unit_test(folders_go_before_files_that_were_there),
		cmocka_unit_test(so_many_names_are_looked_at_and_no_more),
		cmocka_unit_test(every_order_is_that_of_the_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
