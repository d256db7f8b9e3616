/* SPDX-License-Identifier: MIT */
/* Paths of URLs: decoded once, resolved, never above the root. */
#include "http/url_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"

static const struct {
	const char *url;
	int status;
	/* What is to be opened, and whether a folder is meant. */
	const char *text;
	bool is_folder;
	const char *shows;
} paths[] = {
	{ "/", 0, "", true, "the root" },
	{ "/a", 0, "a", false, "a file" },
	{ "/a/", 0, "a", true, "a folder" },
	{ "/a/b.c", 0, "a/b.c", false, "deeper" },
	{ "//", 0, "", true, "two slashes" },
	{ "//evil.example/x", 0, "evil.example/x", false, "no host" },
	{ "/a//b///c", 0, "a/b/c", false, "slashes collapse" },
	{ "/a%20b%C3%A4", 0, "a b\xc3\xa4", false, "decoded" },
	{ "/%25%32%66", 0, "%2f", false, "decoded once" },
	{ "/%252e%252e/x", 0, "%2e%2e/x", false, "not decoded twice" },
	{ "/a/./b", 0, "a/b", false, "a dot" },
	{ "/a/../b", 0, "b", false, "up and down" },
	{ "/a/b/..", 0, "a", true, "up at the end" },
	{ "/a/.", 0, "a", true, "a dot at the end" },
	{ "/a/%2e%2E/b", 0, "b", false, "up, encoded" },
	{ "/a/b/../../c", 0, "c", false, "up twice" },
	{ "/.git/../a", 0, "a", false, "resolved before it is judged" },
	{ "/a..b", 0, "a..b", false, "dots in a name" },
	{ "/a.", 0, "a.", false, "a dot behind" },
	{ "/.well-known/x", 0, ".well-known/x", false, "RFC 8615" },
	{ "/.well-known", 0, ".well-known", false, "the folder itself" },
	{ "/a%20%39%4a%4F%4f%5b", 0, "a 9JOO[", false, "each kind of digit" },
	{ "/ab/../c", 0, "c", false, "up from two letters" },
	{ "/a./b", 0, "a./b", false, "a dot behind, in front" },
	{ "/x/a./b", 0, "x/a./b", false, "a name of two, the last a dot" },
	{ "/x/y/../z", 0, "x/z", false, "up, and not further" },
	{ "/xy/z/../", 0, "xy", true, "up to one letter" },
	{ "/.well-known/..", 0, "", true, "up to the root" },
	{ "/%c0%ae%c0%ae/x", 0, "\xc0\xae\xc0\xae/x", false,
	    "overlong is a name" },

	{ "", 400, NULL, false, "nothing" },
	{ "a", 400, NULL, false, "no slash" },
	{ "/..", 400, NULL, false, "above the root" },
	{ "/../etc/passwd", 400, NULL, false, "above, and down" },
	{ "/%2e%2e/x", 400, NULL, false, "above, encoded" },
	{ "/a/../../b", 400, NULL, false, "above, by a detour" },
	{ "/a/..//../b", 400, NULL, false, "an empty segment is no depth" },
	{ "/a%2fb", 400, NULL, false, "an encoded slash" },
	{ "/..%2Fx", 400, NULL, false, "an encoded slash behind dots" },
	{ "/a%5cb", 400, NULL, false, "an encoded backslash" },
	{ "/a\\b", 400, NULL, false, "a backslash" },
	{ "/a%00b", 400, NULL, false, "an encoded zero byte" },
	{ "/a%0d%0ab", 400, NULL, false, "an encoded line end" },
	{ "/a%7f", 400, NULL, false, "an encoded DEL" },
	{ "/a%", 400, NULL, false, "half a code" },
	{ "/a%4", 400, NULL, false, "most of a code" },
	{ "/a%zz", 400, NULL, false, "no code" },
	{ "/a%4g", 400, NULL, false, "nearly a code" },
	{ "/a%g4", 400, NULL, false, "nearly a code, in front" },
	{ "/a%4/", 400, NULL, false, "the byte before the digits" },
	{ "/a%4:", 400, NULL, false, "the byte behind the digits" },
	{ "/a%4@", 400, NULL, false, "the byte before the letters" },
	{ "/a%4G", 400, NULL, false, "the byte behind the letters" },
	{ "/a%4`", 400, NULL, false, "the byte before the small letters" },
	{ "/a%1f", 400, NULL, false, "the last control byte" },
	{ "/%u002e", 400, NULL, false, "a code of another kind" },

	{ "/.git/HEAD", 404, NULL, false, "hidden" },
	{ "/a/.b", 404, NULL, false, "hidden, deeper" },
	{ "/a/.b/c", 404, NULL, false, "hidden, and not the last" },
	{ "/...", 404, NULL, false, "three dots" },
	{ "/..;/x", 404, NULL, false, "dots and more" },
	{ "/.well-known/.x", 404, NULL, false, "hidden in the known folder" },
	{ "/.well-knownx", 404, NULL, false, "not the known folder" },
	{ "/a/.well-known/x", 404, NULL, false, "not first" },
};

static void
each_path_gets_its_answer(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct urlpath path;
		size_t n = strlen(paths[i].url);
		int status =
		    urlpath_parse(&path, guard_copy(paths[i].url, n), n);

		if (status != paths[i].status)
			fail_msg("%s: %d", paths[i].shows, status);
		if (status != 0)
			continue;
		assert_string_equal(path.text, paths[i].text);
		assert_int_equal(path.n, strlen(path.text));
		assert_int_equal(path.is_folder, paths[i].is_folder);
	}
	(void)state;
}

static void
a_path_is_as_long_as_a_request_line(void **state)
{
	static char url[2 * URLPATH_SIZE];
	static struct urlpath path;

	memset(url, 'a', sizeof(url));
	url[0] = '/';
	assert_int_equal(urlpath_parse(&path, url, URLPATH_SIZE - 2), 0);
	assert_int_equal(path.n, URLPATH_SIZE - 3);
	assert_int_equal(urlpath_parse(&path, url, URLPATH_SIZE - 1), 0);
	assert_int_equal(urlpath_parse(&path, url, URLPATH_SIZE), 414);
	assert_int_equal(urlpath_parse(&path, url, sizeof(url)), 414);
	(void)state;
}

static void
names_are_shown_or_not(void **state)
{
	assert_true(urlpath_may_show("a b.c"));
	assert_true(urlpath_may_show("\xc3\xa4"));
	assert_false(urlpath_may_show(".a"));
	assert_false(urlpath_may_show("a\\b"));
	assert_false(urlpath_may_show("a\nb"));
	(void)state;
}

static const struct {
	const char *path;
	bool may_be;
	const char *shows;
} decoded[] = {
	{ "a", true, "a name" },
	{ "a/b", true, "two" },
	{ "ab/cd.e", true, "longer ones" },
	{ "a/.b", false, "hidden, deeper" },
	{ "", false, "nothing" },
	{ "/", false, "a slash" },
	{ "/a", false, "a slash in front" },
	{ "a/", false, "a slash behind" },
	{ "a//b", false, "an empty name" },
	{ "ab//c", false, "an empty name behind a longer one" },
	{ ".a", false, "hidden" },
	{ "..", false, "up" },
	{ "a/../b", false, "up, deeper" },
	{ ".well-known/a", true, "RFC 8615" },
	{ ".well-knownx", false, "not the known folder" },
	{ "a\\b", false, "a backslash" },
	{ "\n", false, "a control byte, first" },
	{ "a\x7f", false, "DEL, last" },
	{ "a\x1f", false, "the last control byte" },
	{ "a ", true, "a space" },
};

static void
each_decoded_path_may_be_or_not(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(decoded) / sizeof(decoded[0]); i++) {
		size_t n = strlen(decoded[i].path);

		if (urlpath_may_be(guard_copy(decoded[i].path, n), n) !=
		    decoded[i].may_be)
			fail_msg("%s", decoded[i].shows);
	}
	(void)state;
}

static void
a_decoded_path_has_the_same_bound(void **state)
{
	char path[URLPATH_SIZE];

	memset(path, 'a', sizeof(path));
	assert_true(urlpath_may_be(path, URLPATH_SIZE - 1));
	assert_false(urlpath_may_be(path, URLPATH_SIZE));
	(void)state;
}

/* The text of a path that is refused is nothing that could be opened. */
static void
a_path_that_is_no_path_leaves_no_text(void **state)
{
	struct urlpath path;

	memset(&path, 'x', sizeof(path));
	assert_int_equal(urlpath_parse(&path, "a", 1), 400);
	assert_string_equal(path.text, "");
	assert_int_equal(path.n, 0);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_path_gets_its_answer),
		cmocka_unit_test(a_path_is_as_long_as_a_request_line),
		cmocka_unit_test(each_decoded_path_may_be_or_not),
		cmocka_unit_test(a_decoded_path_has_the_same_bound),
		cmocka_unit_test(a_path_that_is_no_path_leaves_no_text),
		cmocka_unit_test(names_are_shown_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
