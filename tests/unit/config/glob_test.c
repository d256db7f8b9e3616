/* SPDX-License-Identifier: MIT */
/* Patterns for paths. */
#include "config/glob.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *pattern;
	const char *path;
	bool matches;
} cases[] = {
	{ "a", "a", true },
	{ "a", "b", false },
	{ "a", "ab", false },
	{ "ab", "a", false },
	{ "", "", true },
	{ "", "a", false },
	{ "*", "", true },
	{ "*", "a/b", true },
	{ "**", "a", true },
	{ "?", "a", true },
	{ "?", "", false },
	{ "?", "ab", false },
	{ "assets/*", "assets/a/b.js", true },
	{ "assets/*", "assets", false },
	{ "assets/*", "xassets/a", false },
	{ "*.js", "a/b.js", true },
	{ "*.js", "b.js.map", false },
	{ "*.js", "b.jsx.js", true },
	{ "a*b*c", "a1b2b3c", true },
	{ "a*b*c", "a1b2b3", false },
	{ "*-????.css", "x/main-1a2b.css", true },
	{ "*-????.css", "x/main-1a2.css", false },
	{ "[a]", "a", false },
};

static void
each_pattern_matches_its_paths(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *text = cases[i].pattern;
		struct piece pattern = { text, strlen(text) };

		if (glob_matches(pattern, cases[i].path) != cases[i].matches)
			fail_msg("%s %s", text, cases[i].path);
	}
	(void)state;
}

/* What would take a naive matcher for ever. */
static void
many_stars_are_no_trouble(void **state)
{
	static const struct piece pattern =
	    PIECE_OF("*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b");
	static char path[4000];

	memset(path, 'a', sizeof(path) - 1);
	assert_false(glob_matches(pattern, path));
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_pattern_matches_its_paths),
		cmocka_unit_test(many_stars_are_no_trouble),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
