/* SPDX-License-Identifier: MIT */
/* A listing as JSON. */
#include "listing/listing_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/date.h"
#include "strictjson.h"

#define WRITTEN_MOST (10 * LISTING_PART_BYTES)

static struct listing listing;

static void
begin(void)
{
	listing_init(&listing, (struct listing_order){ 0 });
}

static void
add(const char *name, int64_t modified_s, bool is_folder)
{
	assert_true(listing_add(&listing, name,
	    &(struct listing_entry){ .size = 17,
		.modified_s = modified_s,
		.is_folder = is_folder }));
}

/* The whole of it; no part is longer than is promised. */
static const char *
write_all(void)
{
	static char bytes[WRITTEN_MOST + 1];
	struct text text;
	size_t i;

	text_init(&text, bytes, WRITTEN_MOST);
	listjson_put_head(&text, &listing, "");
	for (i = 0; i < listing.count; i++) {
		size_t before = text.n;

		listjson_put_row(&text, &listing, i);
		assert_true(text.n - before <= LISTING_PART_BYTES);
	}
	listjson_put_foot(&text, &listing);
	assert_false(text.is_cut);
	bytes[text.n] = '\0';
	assert_true(strictjson_is_good(bytes, text.n));
	return bytes;
}

static void
each_entry_is_an_object(void **state)
{
	begin();
	add("a b", 0, true);
	add("\"\\#\xc3\xa4\xff", 784111777, false);
	assert_string_equal(write_all(),
	    "[\n{\"name\":\"a b\",\"href\":\"a%20b/\",\"type\":\"directory\","
	    "\"mtime\":\"Thu, 01 Jan 1970 00:00:00 GMT\"},\n"
	    "{\"name\":\"\\\"\\\\#\\u00e4\\ufffd\","
	    "\"href\":\"%22%5C%23%C3%A4%FF\",\"type\":\"file\","
	    "\"mtime\":\"Sun, 06 Nov 1994 08:49:37 GMT\",\"size\":17}\n]\n");
	(void)state;
}

static void
an_empty_folder_is_an_empty_array(void **state)
{
	begin();
	assert_string_equal(write_all(), "[\n]\n");
	(void)state;
}

static void
a_time_that_has_no_date_is_null(void **state)
{
	static const int64_t times[] = { -1, INT64_MIN, DATE_LAST + 1,
		INT64_MAX };
	size_t i;

	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		begin();
		add("x", times[i], true);
		assert_string_equal(write_all(),
		    "[\n{\"name\":\"x\",\"href\":\"x/\","
		    "\"type\":\"directory\",\"mtime\":null}\n]\n");
	}
	begin();
	add("x", DATE_LAST, true);
	assert_non_null(strstr(write_all(), "31 Dec 9999 23:59:59 GMT"));
	(void)state;
}

static void
the_longest_row_fits(void **state)
{
	char name[LISTING_NAME_MAX + 1];

	memset(name, 0xff, LISTING_NAME_MAX);
	name[LISTING_NAME_MAX] = '\0';
	begin();
	add(name, 0, false);
	assert_true(strlen(write_all()) > (6 + 3) * LISTING_NAME_MAX);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_entry_is_an_object),
		cmocka_unit_test(an_empty_folder_is_an_empty_array),
		cmocka_unit_test(a_time_that_has_no_date_is_null),
		cmocka_unit_test(the_longest_row_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
