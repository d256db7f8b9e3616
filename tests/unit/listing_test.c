/* SPDX-License-Identifier: MIT */
/* The names in a folder. */
#include "../../ezhttpd/listing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct listing listing;

static void
begin(void)
{
	listing.count = 0;
	listing.name_bytes = 0;
	listing.is_cut = false;
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_sorted_as_people_do),
		cmocka_unit_test(names_are_bounded),
		cmocka_unit_test(entries_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
