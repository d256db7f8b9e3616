/* SPDX-License-Identifier: MIT */
/* Entity tags: what they hide, and how lists of them are read. */
#include "http/etag.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"

static const struct {
	const char *list;
	/* By strong and by weak comparison: 1, 0 or -EBADMSG. */
	int strong;
	int weak;
	const char *shows;
} lists[] = {
	{ "\"a\"", 1, 1, "the tag alone" },
	{ "W/\"a\"", 0, 1, "a weak one" },
	{ "*", 1, 1, "all" },
	{ "\"b\", \"a\"", 1, 1, "the second" },
	{ "\"a\",\"b\"", 1, 1, "the first, no space" },
	{ "W/\"a\" , \"a\"", 1, 1, "weak and strong" },
	{ ", ,\"a\",", 1, 1, "empty elements" },
	{ "", 0, 0, "an empty list" },
	{ ",", 0, 0, "a comma" },
	{ "\"b\"", 0, 0, "another" },
	{ "\"A\"", 0, 0, "another case" },
	{ "\"\"", 0, 0, "an empty tag" },
	{ "\"a, b\"", -EBADMSG, -EBADMSG, "a space within" },
	{ "\"b,\\\"", 0, 0, "comma and backslash are bytes as others" },
	{ "\"\xc3\xa4\"", 0, 0, "bytes above ASCII" },
	{ "a", -EBADMSG, -EBADMSG, "no quotes" },
	{ "\"a", -EBADMSG, -EBADMSG, "half a tag" },
	{ "a\"", -EBADMSG, -EBADMSG, "the other half" },
	{ "w/\"a\"", -EBADMSG, -EBADMSG, "a small w" },
	{ "W/", -EBADMSG, -EBADMSG, "nothing weak" },
	{ "W/ \"a\"", -EBADMSG, -EBADMSG, "a space behind W/" },
	{ "\"a\" \"b\"", -EBADMSG, -EBADMSG, "no comma" },
	{ "\"a\", *", -EBADMSG, -EBADMSG, "all beside one" },
	{ "\"a\", b", -EBADMSG, -EBADMSG, "a good start" },
	{ "\"a\x7f\"", -EBADMSG, -EBADMSG, "DEL" },
};

static void
each_list_is_read(void **state)
{
	static const struct piece tag = PIECE_OF("\"a\"");
	size_t i;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		size_t n = strlen(lists[i].list);
		struct piece list = { guard_copy(lists[i].list, n), n };
		int strong = etag_find(list, tag, ETAG_STRONG);
		int weak = etag_find(list, tag, ETAG_WEAK);

		if (strong != lists[i].strong || weak != lists[i].weak)
			fail_msg("%s: %d strong, %d weak", lists[i].shows,
			    strong, weak);
	}
	(void)state;
}

static void
each_fact_changes_the_tag(void **state)
{
	static const struct etag_facts facts[] = {
		{ 1, 2, 3, 4, 5, 6 },
		{ 0, 2, 3, 4, 5, 6 },
		{ 1, 0, 3, 4, 5, 6 },
		{ 1, 2, 0, 4, 5, 6 },
		{ 1, 2, 3, 0, 5, 6 },
		{ 1, 2, 3, 4, 0, 6 },
		{ 1, 2, 3, 4, 5, 0 },
		{ 2, 1, 3, 4, 5, 6 },
		{ 1, 2, 4, 3, 5, 6 },
		{ 1, 2, 3, 4, 6, 5 },
		{ 0, 0, 0, 0, 0, 0 },
	};
	const size_t n = sizeof(facts) / sizeof(facts[0]);
	char tags[sizeof(facts) / sizeof(facts[0])][ETAG_BYTES];
	size_t i;
	size_t j;

	for (i = 0; i < n; i++) {
		etag_format(tags[i], &facts[i]);
		assert_int_equal(tags[i][0], '"');
		assert_int_equal(tags[i][ETAG_BYTES - 1], '"');
		for (j = 0; j < i; j++)
			assert_memory_not_equal(tags[i], tags[j], ETAG_BYTES);
	}
	(void)state;
}

static void
the_tag_stays_from_one_version_to_the_next(void **state)
{
	char tag[ETAG_BYTES + 1] = "";

	etag_format(tag, &(struct etag_facts){ 1, 2, 3, 4, 5, 6 });
	assert_string_equal(tag, "\"7102ce81c20f14cb\"");
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_list_is_read),
		cmocka_unit_test(each_fact_changes_the_tag),
		cmocka_unit_test(the_tag_stays_from_one_version_to_the_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
