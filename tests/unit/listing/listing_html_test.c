/* SPDX-License-Identifier: MIT */
/* The page that shows a folder. */
#include "listing/listing_html.h"

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

static const char *
row(size_t index)
{
	static char bytes[LISTING_PART_BYTES + 1];
	struct text text;

	text_init(&text, bytes, LISTING_PART_BYTES);
	listpage_put_row(&text, &listing, index);
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
the_longest_row_fits(void **state)
{
	char name[LISTING_NAME_MAX + 1];

	begin();
	memset(name, '\'', LISTING_NAME_MAX);
	name[LISTING_NAME_MAX] = '\0';
	add(name, INT64_MAX, false);
	(void)row(0);
	(void)state;
}

static void
the_longest_head_fits(void **state)
{
	static char bytes[LISTING_PART_BYTES];
	static char path[4096];
	struct text text;

	begin();
	add("x", 0, false);
	memset(path, '"', sizeof(path) - 1);
	text_init(&text, bytes, sizeof(bytes));
	listpage_put_head(&text, &listing, path);
	assert_false(text.is_cut);
	(void)state;
}

/* What the page has from its table on, up to its rows. */
static const char *
table_of(const char *path, struct listing_order order)
{
	static char bytes[LISTING_PART_BYTES + 1];
	struct text text;
	const char *table;

	listing.order = order;
	text_init(&text, bytes, LISTING_PART_BYTES);
	listpage_put_head(&text, &listing, path);
	bytes[text.n] = '\0';
	table = strstr(bytes, "<table>");
	assert_non_null(table);
	return table;
}

#define LINK "<a rel=nofollow href=\"?C="
#define UP " <span aria-hidden=true>\xe2\x96\xb2</span></a>\n"
#define DOWN " <span aria-hidden=true>\xe2\x96\xbc</span></a>\n"

static void
the_heads_of_columns_sort(void **state)
{
	begin();
	add("x", 0, false);
	assert_string_equal(
	    table_of("", (struct listing_order){ LISTING_BY_NAME, false }),
	    "<table>\n<thead><tr>\n"
	    "<th aria-sort=ascending>" LINK "N;O=D\">Name" UP "<th>" LINK
	    "S;O=A\">Size</a>\n"
	    "<th>" LINK "M;O=A\">Modified (UTC)</a>\n<tbody>\n");
	assert_string_equal(
	    table_of("a", (struct listing_order){ LISTING_BY_SIZE, true }),
	    "<table>\n<thead><tr>\n"
	    "<th>" LINK "N;O=A\">Name</a>\n"
	    "<th aria-sort=descending>" LINK "S;O=A\">Size" DOWN "<th>" LINK
	    "M;O=A\">Modified (UTC)</a>\n<tbody>\n"
	    "<tr><td><a href=\"../\">../</a><td><td>\n");
	(void)state;
}

static void
an_empty_folder_has_no_heads_of_columns(void **state)
{
	begin();
	assert_string_equal(table_of("", listing.order), "<table>\n");
	assert_string_equal(table_of("a", listing.order),
	    "<table>\n<tr><td><a href=\"../\">../</a><td><td>\n");
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_harmless),
		cmocka_unit_test(sizes_are_readable),
		cmocka_unit_test(the_longest_row_fits),
		cmocka_unit_test(the_longest_head_fits),
		cmocka_unit_test(the_heads_of_columns_sort),
		cmocka_unit_test(an_empty_folder_has_no_heads_of_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
