/* SPDX-License-Identifier: MIT */
/* The page that shows a folder. */
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

static const char *
row(size_t index)
{
	static char bytes[LISTING_PART_BYTES + 1];
	struct text text;

	text_init(&text, bytes, LISTING_PART_BYTES);
	listing_put_row(&text, &listing, index);
	assert_false(text.is_cut);
	bytes[text.n] = '\0';
	return bytes;
}

static void
rows_are_harmless(void **state)
{
	begin();
	add("<b>&\"?#%:\xc3\xa4.txt", 1, false);
	add("sub", 0, true);
	assert_string_equal(row(0),
	    "<tr><td><a href=\"%3Cb%3E%26%22%3F%23%25%3A%C3%A4.txt\">"
	    "&lt;b&gt;&amp;&quot;?#%:\xc3\xa4.txt</a><td>1 B"
	    "<td>1994-11-06 08:49\n");
	assert_string_equal(row(1),
	    "<tr><td><a href=\"sub/\">sub/</a><td><td>1994-11-06 08:49\n");
	(void)state;
}

static void
sizes_are_readable(void **state)
{
	static const struct {
		int64_t size;
		const char *shown;
	} sizes[] = {
		{ 0, ">0 B<" },
		{ 1023, ">1023 B<" },
		{ 1024, ">1.0 KiB<" },
		{ 1535, ">1.4 KiB<" },
		{ 10239, ">9.9 KiB<" },
		{ 10240, ">10 KiB<" },
		{ 1048575, ">1023 KiB<" },
		{ 1048576, ">1.0 MiB<" },
		{ INT64_MAX, ">7.9 EiB<" },
	};
	size_t i;

	begin();
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		add("x", sizes[i].size, false);
		if (strstr(row(i), sizes[i].shown) == NULL)
			fail_msg("%s: %s", sizes[i].shown, row(i));
	}
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
	(void)row(0);
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

static void
the_longest_head_fits(void **state)
{
	static char bytes[LISTING_PART_BYTES];
	static char path[4096];
	struct text text;

	memset(path, '"', sizeof(path) - 1);
	text_init(&text, bytes, sizeof(bytes));
	listing_put_head(&text, path);
	assert_false(text.is_cut);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_sorted_as_people_do),
		cmocka_unit_test(rows_are_harmless),
		cmocka_unit_test(sizes_are_readable),
		cmocka_unit_test(names_are_bounded),
		cmocka_unit_test(entries_are_bounded),
		cmocka_unit_test(the_longest_head_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
