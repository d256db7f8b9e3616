/* SPDX-License-Identifier: MIT */
/* How the folder is served: what is taken, and what is refused. */
#include "../../ezhttpd/serving.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	enum serving_option option;
	const char *word;
	bool is_good;
} words[] = {
	{ SERVING_CACHE, "*=0", true },
	{ SERVING_CACHE, "/a/*=68y", true },
	{ SERVING_CACHE, "a=b=1d", true },
	{ SERVING_CACHE, "*=69y", false },
	{ SERVING_CACHE, "*=99999999999999999999", false },
	{ SERVING_CACHE, "*=", false },
	{ SERVING_CACHE, "*=y", false },
	{ SERVING_CACHE, "*=1x", false },
	{ SERVING_CACHE, "*=1yy", false },
	{ SERVING_CACHE, "*=-1", false },
	{ SERVING_CACHE, "*=1d,", false },
	{ SERVING_CACHE, "*=1d,mutable", false },
	{ SERVING_CACHE, "*=1d,immutable,x", false },
	{ SERVING_CACHE, "=1d", false },
	{ SERVING_CACHE, "/=1d", false },
	{ SERVING_CACHE, "*", false },
	{ SERVING_CHARSET, "utf-8", true },
	{ SERVING_CHARSET, "none", true },
	{ SERVING_CHARSET, "", false },
	{ SERVING_CHARSET, "a b", false },
	{ SERVING_CHARSET, "a\r\nX: y", false },
	{ SERVING_CHARSET, "01234567890123456789012345678901234567890", false },
	{ SERVING_ERROR_PAGE, "404=/404.html", true },
	{ SERVING_ERROR_PAGE, "403=closed.html", true },
	{ SERVING_ERROR_PAGE, "404=/", false },
	{ SERVING_ERROR_PAGE, "404", false },
	{ SERVING_ERROR_PAGE, "500=x", false },
	{ SERVING_FALLBACK, "index.html", true },
	{ SERVING_FALLBACK, "", false },
	{ SERVING_HEADER, "X-Y: z", true },
	{ SERVING_HEADER, "X:", true },
	{ SERVING_HEADER, "Content-Security-Policy: default-src 'self'", true },
	{ SERVING_HEADER, "X", false },
	{ SERVING_HEADER, ": x", false },
	{ SERVING_HEADER, "X Y: z", false },
	{ SERVING_HEADER, "X: y\r\nZ: z", false },
	{ SERVING_HEADER, "X\r\nY: z", false },
	{ SERVING_HEADER, "X: y\x7f", false },
	{ SERVING_HEADER, "content-LENGTH: 5", false },
	{ SERVING_HEADER, "Listing-Cut: ?1", false },
	{ SERVING_HEADER, "Transfer-Encoding: chunked", false },
	{ SERVING_HEADER, "Connection: close", false },
	{ SERVING_HEADER, "Cache-Control: no-cache", false },
	{ SERVING_INDEX, "home.htm", true },
	{ SERVING_INDEX, "", false },
	{ SERVING_INDEX, "a/b", false },
	{ SERVING_INDEX, "..", false },
	{ SERVING_INDEX, ".hidden", false },
	{ SERVING_CORS, NULL, true },
	{ SERVING_HTML_SUFFIX, NULL, true },
	{ SERVING_NO_LISTING, NULL, true },
	{ SERVING_MIME, "types", true },
};

static void
each_word_is_taken_or_refused(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct serving serving;
		const char *fault;

		serving_init(&serving);
		fault = serving_take(&serving, words[i].option, words[i].word);
		if ((fault == NULL) != words[i].is_good)
			fail_msg("%s: %s", words[i].word,
			    fault != NULL ? fault : "taken");
	}
	(void)state;
}

static void
the_first_rule_for_a_path_counts(void **state)
{
	struct serving serving;
	unsigned i;

	serving_init(&serving);
	assert_null(serving_cache(&serving, "a.js"));
	assert_null(
	    serving_take(&serving, SERVING_CACHE, "/assets/*=1y,immutable"));
	assert_null(serving_take(&serving, SERVING_CACHE, "*.js=90m"));
	assert_null(serving_take(&serving, SERVING_CACHE, "x/*=no-store"));
	assert_null(serving_take(&serving, SERVING_CACHE, "*=no-cache"));
	assert_string_equal(serving_cache(&serving, "assets/a.js"),
	    "max-age=31536000, immutable");
	assert_string_equal(serving_cache(&serving, "a.js"), "max-age=5400");
	assert_string_equal(serving_cache(&serving, "x/a"), "no-store");
	assert_string_equal(serving_cache(&serving, "a"), "no-cache");
	for (i = 4; i < SERVING_CACHE_RULES; i++)
		assert_null(serving_take(&serving, SERVING_CACHE, "a=1"));
	assert_non_null(serving_take(&serving, SERVING_CACHE, "a=1"));
	(void)state;
}

static void
fields_are_kept_as_lines_while_there_is_room(void **state)
{
	static const char lines[] = "X: a b\r\nY: \r\n";
	struct serving serving;
	unsigned i;

	serving_init(&serving);
	assert_null(serving_take(&serving, SERVING_HEADER, "X:  a b "));
	assert_null(serving_take(&serving, SERVING_HEADER, "Y:"));
	assert_int_equal(serving.field_bytes, strlen(lines));
	assert_memory_equal(serving.fields, lines, strlen(lines));
	assert_null(serving_take(&serving, SERVING_HEADER,
	    "content-security-policy: x"));
	assert_string_equal(serving.policy, "x");
	assert_int_equal(serving.field_bytes, strlen(lines));
	for (i = 0; i < SERVING_FIELDS_BYTES; i++)
		(void)serving_take(&serving, SERVING_HEADER, "Z: zzz");
	assert_in_range(serving.field_bytes, SERVING_FIELDS_BYTES - 9,
	    SERVING_FIELDS_BYTES);
	assert_non_null(serving_take(&serving, SERVING_HEADER, "Z: zzzzzzz"));
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_word_is_taken_or_refused),
		cmocka_unit_test(the_first_rule_for_a_path_counts),
		cmocka_unit_test(fields_are_kept_as_lines_while_there_is_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
