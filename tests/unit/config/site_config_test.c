/* SPDX-License-Identifier: MIT */
/* How the folder is served: what is taken, and what is refused. */
#include "config/site_config.h"

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
	{ SERVING_ALIAS, "/x=/srv", true },
	{ SERVING_ALIAS, "/x y/z/=a=b", true },
	{ SERVING_ALIAS, "/.well-known/acme-challenge=/srv", true },
	{ SERVING_ALIAS, "/x/.well-known=/srv", false },
	{ SERVING_ALIAS, "x=/srv", false },
	{ SERVING_ALIAS, "/=/srv", false },
	{ SERVING_ALIAS, "/x=", false },
	{ SERVING_ALIAS, "/x", false },
	{ SERVING_ALIAS, "/x/../y=/srv", false },
	{ SERVING_ALIAS, "/.x=/srv", false },
	{ SERVING_ALIAS, "/x//y=/srv", false },
	{ SERVING_ALIAS, "/x\\y=/srv", false },
	{ SERVING_REDIRECT, "/old=/new", true },
	{ SERVING_REDIRECT, "/=https://example.org/", true },
	{ SERVING_REDIRECT, "/*=https://example.org/*", true },
	{ SERVING_REDIRECT, "/old/*=/new/*", true },
	{ SERVING_REDIRECT, "/old=/new?a=b", true },
	{ SERVING_REDIRECT, "old=/new", false },
	{ SERVING_REDIRECT, "/old=new", false },
	{ SERVING_REDIRECT, "/old=", false },
	{ SERVING_REDIRECT, "/old", false },
	{ SERVING_REDIRECT, "/old=javascript:x", false },
	{ SERVING_REDIRECT, "/old=/a b", false },
	{ SERVING_REDIRECT, "/old=/a\r\nX: y", false },
	{ SERVING_REDIRECT, "/old/*=/new", false },
	{ SERVING_REDIRECT, "/old=/new/*", false },
	/* What follows would be the host. */
	{ SERVING_REDIRECT, "/go/*=https://*", false },
	{ SERVING_REDIRECT, "/go/*=//*", false },
	{ SERVING_REDIRECT, "/go=//example.org/", false },
	{ SERVING_REDIRECT, "/go=https://", false },
	{ SERVING_REDIRECT, "/go=https:///x", false },
	{ SERVING_REDIRECT, "/go=/\\example.org", false },
	{ SERVING_REDIRECT, "/go=/new#top", false },
	/* No URL has such a path. */
	{ SERVING_REDIRECT, "/.x=/c", false },
	{ SERVING_REDIRECT, "/a//b=/c", false },
	{ SERVING_REDIRECT, "/a\\b/*=/c/*", false },
	/* "/old.evil" would lead to another host, "/old//evil" as well. */
	{ SERVING_REDIRECT, "/old*=https://example.org*", false },
	{ SERVING_REDIRECT, "/old*=/*", false },
	{ SERVING_NO_SYMLINKS, NULL, true },
	{ SERVING_VHOSTS, NULL, true },
	{ SERVING_AUTH, "users", true },
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
several_indexes_are_tried_in_their_order(void **state)
{
	struct serving serving;
	unsigned i;

	serving_init(&serving);
	assert_string_equal(serving_index(&serving, 0), "index.html");
	assert_null(serving_index(&serving, 1));
	assert_null(serving_take(&serving, SERVING_INDEX, "index.htm"));
	assert_null(serving_take(&serving, SERVING_INDEX, "default.htm"));
	assert_string_equal(serving_index(&serving, 0), "index.htm");
	assert_string_equal(serving_index(&serving, 1), "default.htm");
	assert_null(serving_index(&serving, 2));
	for (i = 2; i < SERVING_INDEXES; i++)
		assert_null(serving_take(&serving, SERVING_INDEX, "x"));
	assert_string_equal(serving_take(&serving, SERVING_INDEX, "x"),
	    "at most 8 are allowed");
	assert_null(serving_index(&serving, SERVING_INDEXES));
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

static const struct urlpath *
path_of(const char *bytes)
{
	static struct urlpath path;

	assert_int_equal(urlpath_parse(&path, bytes, strlen(bytes)), 0);
	return &path;
}

static void
the_most_exact_alias_counts(void **state)
{
	static struct serving serving;
	static char names[SERVING_ALIASES][5];
	unsigned i;

	serving_init(&serving);
	assert_int_equal(serving_alias(&serving, path_of("/x")), -1);
	assert_null(serving_take(&serving, SERVING_ALIAS, "/x=/0"));
	assert_null(serving_take(&serving, SERVING_ALIAS, "/x/y/=/1"));
	assert_null(serving_take(&serving, SERVING_ALIAS, "/z w=/2"));
	assert_string_equal(serving.aliases[1].folder, "/1");
	assert_int_equal(serving_alias(&serving, path_of("/x")), 0);
	assert_int_equal(serving_alias(&serving, path_of("/x/")), 0);
	assert_int_equal(serving_alias(&serving, path_of("/x/a")), 0);
	assert_int_equal(serving_alias(&serving, path_of("/x/yy")), 0);
	assert_int_equal(serving_alias(&serving, path_of("/x/y")), 1);
	assert_int_equal(serving_alias(&serving, path_of("/x/y/a/")), 1);
	assert_int_equal(serving_alias(&serving, path_of("/z%20w/a")), 2);
	assert_int_equal(serving_alias(&serving, path_of("/xx")), -1);
	assert_int_equal(serving_alias(&serving, path_of("/a/x")), -1);
	assert_int_equal(serving_alias(&serving, path_of("/")), -1);
	assert_string_equal(serving_take(&serving, SERVING_ALIAS, "//x/=/3"),
	    "this path has another directory already");
	for (i = 3; i < SERVING_ALIASES; i++) {
		names[i][0] = '/';
		names[i][1] = (char)('A' + i);
		memcpy(names[i] + 2, "=b", 3);
		assert_null(serving_take(&serving, SERVING_ALIAS, names[i]));
	}
	assert_string_equal(serving_take(&serving, SERVING_ALIAS, "/a=b"),
	    "at most 16 are allowed");
	(void)state;
}

static void
a_path_moves_by_the_first_rule_for_it(void **state)
{
	static const struct {
		const char *path;
		/* NULL: it has not moved. */
		const char *to;
		const char *rest;
	} moves[] = {
		{ "/old", "/new", "" },
		{ "/old/", "/new", "" },
		{ "/old/a", NULL, NULL },
		{ "/older", NULL, NULL },
		{ "/blog", "https://example.org/", "" },
		{ "/blo", NULL, NULL },
		{ "/blogs", NULL, NULL },
		{ "/blog/", "https://example.org/", "" },
		{ "/blog/a%20b/c/", "https://example.org/", "a b/c" },
		{ "/blog/special", "/s", "" },
		{ "/", NULL, NULL },
	};
	static struct serving serving;
	unsigned i;

	serving_init(&serving);
	assert_null(serving_take(&serving, SERVING_REDIRECT, "/old/=/new"));
	assert_null(
	    serving_take(&serving, SERVING_REDIRECT, "/blog/special=/s"));
	assert_null(serving_take(&serving, SERVING_REDIRECT,
	    "/blog/*=https://example.org/*"));
	for (i = 0; i < sizeof(moves) / sizeof(moves[0]); i++) {
		const char *rest;
		const struct redirect *found =
		    serving_redirect(&serving, path_of(moves[i].path), &rest);

		if ((found != NULL) != (moves[i].to != NULL))
			fail_msg("%s", moves[i].path);
		if (found == NULL)
			continue;
		assert_int_equal(found->to.n, strlen(moves[i].to));
		assert_memory_equal(found->to.bytes, moves[i].to, found->to.n);
		assert_string_equal(rest, moves[i].rest);
	}
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_most_exact_alias_counts),
		cmocka_unit_test(a_path_moves_by_the_first_rule_for_it),
		cmocka_unit_test(each_word_is_taken_or_refused),
		cmocka_unit_test(the_first_rule_for_a_path_counts),
		cmocka_unit_test(several_indexes_are_tried_in_their_order),
		cmocka_unit_test(fields_are_kept_as_lines_while_there_is_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
