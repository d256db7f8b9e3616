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

#include "http/url_path.h"

#define WHEN                                                                  \
	"<td><time datetime=\"1994-11-06T08:49:37Z\">1994-11-06 08:49</time>" \
	"</td></tr>\n"

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
	    "&lt;b&gt;&amp;&quot;?#%:\xc3\xa4.txt</a></td><td>1 B</td>" WHEN);
	assert_string_equal(row(1),
	    "<tr><td><a href=\"sub/\">sub/</a></td><td></td>" WHEN);
	(void)state;
}

static void
a_name_cannot_turn_round_its_ending(void **state)
{
	static const struct {
		const char *name;
		const char *shown;
	} names[] = {
		{ "a\xe2\x80\xaegpj.exe", ">a[U+202E]gpj.exe<" },
		{ "\xe2\x80\xaa\xe2\x80\xab\xe2\x80\xac\xe2\x80\xad",
		    ">[U+202A][U+202B][U+202C][U+202D]<" },
		{ "\xe2\x81\xa6\xe2\x81\xa7\xe2\x81\xa8\xe2\x81\xa9",
		    ">[U+2066][U+2067][U+2068][U+2069]<" },
		/* Neighbours of these, and a half of one. */
		{ "\xe2\x80\xa9\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa",
		    ">\xe2\x80\xa9\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa<" },
		{ "\xe2\x80", ">\xe2\x80<" },
	};
	size_t i;

	begin();
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		add(names[i].name, 1, false);
		if (strstr(row(i), names[i].shown) == NULL)
			fail_msg("%s", row(i));
	}
	(void)state;
}

static void
sizes_are_readable(void **state)
{
	static const struct {
		int64_t size;
		const char *shown;
	} sizes[] = {
		{ 0, "<td>0 B</td>" },
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

/* The beginning of the page for the folder `path`. */
static const char *
head_of(const char *path)
{
	static char bytes[LISTING_PART_BYTES + 1];
	struct text text;

	text_init(&text, bytes, LISTING_PART_BYTES);
	listpage_put_head(&text, &listing, path);
	assert_false(text.is_cut);
	bytes[text.n] = '\0';
	return bytes;
}

static void
the_longest_heads_fit(void **state)
{
	static char path[URLPATH_SIZE];
	size_t i;

	begin();
	add("x", 0, false);
	memset(path, '"', sizeof(path) - 1);
	(void)head_of(path);
	for (i = 1; i < sizeof(path) - 1; i += 2)
		path[i] = '/';
	/* As deep as can be opened. */
	path[4095] = '\0';
	(void)head_of(path);
	for (i = 0; i < 4095; i++)
		path[i] = i % 48 == 0 ? '/' : '"';
	(void)head_of(path + 1);
	(void)state;
}

static void
the_path_has_links_to_what_is_above(void **state)
{
	char deep[100];
	size_t i;

	begin();
	assert_non_null(strstr(head_of(""), "<title>Index of /</title>"));
	assert_non_null(strstr(head_of(""), "<h1>Index of /</h1>"));
	assert_non_null(strstr(head_of("a"),
	    "<h1>Index of <a class=up href=\"../\">/</a>a/</h1>"));
	assert_non_null(strstr(head_of("a/<b>/c"),
	    "<h1>Index of <a class=up href=\"../../../\">/</a>"
	    "<a class=up href=\"../../\">a</a>/"
	    "<a class=up href=\"../\">&lt;b&gt;</a>/c/</h1>"));
	assert_non_null(
	    strstr(head_of("a/<b>"), "<title>Index of &lt;b&gt;/</title>"));
	/* Of 18 segments the last 16. */
	for (i = 0; i < 18; i++)
		memcpy(deep + 2 * i, (char[]){ (char)('a' + i), '/' }, 2);
	deep[35] = '\0';
	assert_null(strstr(head_of(deep), ">b</a>"));
	assert_non_null(strstr(head_of(deep), "/</a>\xe2\x80\xa6/<a class=up"));
	assert_non_null(strstr(head_of(deep), "\"../\">q</a>/r/</h1>"));
	assert_non_null(strstr(head_of(deep), ">c</a>"));
	(void)state;
}

static void
what_is_there_is_counted(void **state)
{
	begin();
	add("a", 1000, false);
	assert_non_null(
	    strstr(head_of(""), "<p>0 directories, 1 file, 1000 B</p>"));
	add("b", 1048, false);
	add("c", 0, true);
	assert_non_null(
	    strstr(head_of(""), "<p>1 directory, 2 files, 2.0 KiB</p>"));
	assert_null(strstr(head_of(""), "left out"));
	listing.left_out = 7;
	assert_non_null(strstr(head_of(""),
	    "<p><strong>Only the first 3 names in this order are shown; 7 are "
	    "left out.</strong></p>"));
	listing.is_partial = true;
	assert_non_null(strstr(head_of(""), "<p>At least 1 directory,"));
	assert_non_null(strstr(head_of(""),
	    "7 are left out, and others were not looked at.</strong>"));
	(void)state;
}

/* What the page has from its table on, up to its rows. */
static const char *
table_of(const char *path, struct listing_order order)
{
	const char *table;

	listing.order = order;
	table = strstr(head_of(path), "<table>");
	assert_non_null(table);
	return table;
}

#define PARENT                                                           \
	"<tr><td><a href=\"../\">../ Parent directory</a></td><td></td>" \
	"<td></td></tr>\n"
#define LINK "<a rel=nofollow href=\"?C="
#define UP " <span aria-hidden=true>\xe2\x96\xb2</span></a></th>\n"
#define DOWN " <span aria-hidden=true>\xe2\x96\xbc</span></a></th>\n"

static void
the_heads_of_columns_sort(void **state)
{
	begin();
	add("x", 0, false);
	assert_string_equal(
	    table_of("", (struct listing_order){ LISTING_BY_NAME, false }),
	    "<table>\n<thead><tr>\n"
	    "<th scope=col aria-sort=ascending>" LINK "N;O=D\">Name" UP
	    "<th scope=col>" LINK "S;O=A\">Size</a></th>\n"
	    "<th scope=col>" LINK
	    "M;O=D\">Modified (UTC)</a></th>\n</tr></thead><tbody>\n");
	assert_string_equal(
	    table_of("a", (struct listing_order){ LISTING_BY_SIZE, true }),
	    "<table>\n<thead><tr>\n"
	    "<th scope=col>" LINK "N;O=A\">Name</a></th>\n"
	    "<th scope=col aria-sort=descending>" LINK "S;O=A\">Size" DOWN
	    "<th scope=col>" LINK
	    "M;O=D\">Modified (UTC)</a></th>\n</tr></thead><tbody>\n" PARENT);
	(void)state;
}

static void
an_empty_folder_has_no_heads_of_columns(void **state)
{
	begin();
	assert_string_equal(table_of("", listing.order), "<table>\n");
	assert_string_equal(table_of("a", listing.order), "<table>\n" PARENT);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_harmless),
		cmocka_unit_test(sizes_are_readable),
		cmocka_unit_test(the_longest_row_fits),
		cmocka_unit_test(a_name_cannot_turn_round_its_ending),
		cmocka_unit_test(the_longest_heads_fit),
		cmocka_unit_test(the_path_has_links_to_what_is_above),
		cmocka_unit_test(what_is_there_is_counted),
		cmocka_unit_test(the_heads_of_columns_sort),
		cmocka_unit_test(an_empty_folder_has_no_heads_of_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
