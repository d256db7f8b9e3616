/* SPDX-License-Identifier: MIT */
/* The page that shows a folder. */
#include "../../ezhttpd/listpage.h"

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

	memset(path, '"', sizeof(path) - 1);
	text_init(&text, bytes, sizeof(bytes));
	listpage_put_head(&text, path);
	assert_false(text.is_cut);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
