/* SPDX-License-Identifier: MIT */
/* Media types by the ending of a file's name. */
#include "files/mime.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "guard.h"

static const struct {
	const char *name;
	const char *type;
	const char *shows;
} names[] = {
	{ "index.html", "text/html; charset=utf-8", "text has a charset" },
	{ "a/b.c/x.PNG", "image/png", "folders, and upper case" },
	{ "x.tar.gz", "application/gzip", "the last ending counts" },
	{ "x.js", "text/javascript; charset=utf-8", "script" },
	{ "x.svg", "image/svg+xml", "XML says its own charset" },
	{ "some", "application/octet-stream", "no ending" },
	{ "a.html/some", "application/octet-stream", "a folder's ending" },
	{ "README", "text/plain; charset=utf-8", "a name without an ending" },
	{ "a/b/Makefile", "text/plain; charset=utf-8", "in a folder" },
	{ "xREADME", "application/octet-stream", "the end of a name" },
	{ "x.readme", "application/octet-stream", "a name as an ending" },
	{ "a.svgz", "image/svg+xml", "a type beneath a coding" },
	{ "l.m3u8", "application/vnd.apple.mpegurl", "a list of streams" },
	{ "l.ts", "video/mp2t", "a part of a stream" },
	{ "*", "application/octet-stream", "the mark of a default" },
	{ "x.", "application/octet-stream", "an empty ending" },
	{ "x.nosuchthing", "application/octet-stream", "an unknown one" },
	{ "x.0123456789012345678901234567890123456789",
	    "application/octet-stream", "a long one" },
	{ "", "application/octet-stream", "no name" },
};

static void
assert_type(const struct mime *mime, const char *name, const char *type)
{
	size_t n = strlen(name);

	assert_string_equal(mime_type(mime, guard_copy(name, n), n), type);
}

static void
each_name_has_its_type(void **state)
{
	struct mime mime;
	size_t i;

	assert_int_equal(mime_open(&mime, NULL, MIME_OF_SYSTEM, "utf-8"), 0);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_type(&mime, names[i].name, names[i].type);
	mime_close(&mime);
	(void)state;
}

/* Opens a table of which `text` is the file. */
static void
open_text(struct mime *ret_mime, const char *text, enum mime_origin origin)
{
	char name[] = "/tmp/mime_test.XXXXXX";
	int fd = mkstemp(name);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	assert_int_equal(mime_open(ret_mime, name, origin, "utf-8"), 0);
	unlink(name);
}

static void
the_file_goes_before_what_is_built_in(void **state)
{
	struct mime mime;

	open_text(&mime,
	    "# a comment\n"
	    "\n"
	    "text/x-first  html\tFOO # html\n"
	    "text/x-second foo bar\r\n"
	    "nonsense foo2\n"
	    "application/x-alone\n"
	    "application/x-last last",
	    MIME_OF_OPERATOR);
	assert_type(&mime, "a.html", "text/x-first; charset=utf-8");
	assert_type(&mime, "a.foo", "text/x-first; charset=utf-8");
	assert_type(&mime, "a.bar", "text/x-second; charset=utf-8");
	assert_type(&mime, "a.foo2", "application/octet-stream");
	assert_type(&mime, "a.last", "application/x-last");
	assert_type(&mime, "a.css", "text/css; charset=utf-8");
	mime_close(&mime);
	(void)state;
}

static void
whole_names_and_a_default_may_be_given(void **state)
{
	struct mime mime;

	open_text(&mime,
	    "application/json /apple-app-site-association map\n"
	    "text/x-make /Makefile\n"
	    "text/x-rest *\n"
	    "text/x-other *\n"
	    "text/x-tar /x.tar",
	    MIME_OF_OPERATOR);
	assert_type(&mime, ".well-known/apple-app-site-association",
	    "application/json");
	assert_type(&mime, "Apple-App-Site-Association", "application/json");
	assert_type(&mime, "apple-app-site-association.html",
	    "text/html; charset=utf-8");
	assert_type(&mime, "makefile", "text/x-make; charset=utf-8");
	assert_type(&mime, "README", "text/plain; charset=utf-8");
	assert_type(&mime, "x.tar", "text/x-tar; charset=utf-8");
	assert_type(&mime, "y.tar", "application/x-tar");
	assert_type(&mime, "x.nosuchthing", "text/x-rest; charset=utf-8");
	assert_type(&mime, "none", "text/x-rest; charset=utf-8");
	mime_close(&mime);
	(void)state;
}

static void
the_longest_name_is_looked_up(void **state)
{
	char line[300] = "text/x-long /";
	char name[256];
	struct mime mime;

	memset(name, 'x', 255);
	name[255] = '\0';
	memcpy(line + strlen(line), name, sizeof(name));
	open_text(&mime, line, MIME_OF_OPERATOR);
	assert_type(&mime, name, "text/x-long; charset=utf-8");
	mime_close(&mime);
	(void)state;
}

static void
some_types_go_before_those_of_the_system(void **state)
{
	static const char text[] = "text/vnd.trolltech.linguist ts\n"
				   "text/x-css css\n";
	struct mime mime;

	open_text(&mime, text, MIME_OF_SYSTEM);
	assert_type(&mime, "a.ts", "video/mp2t");
	assert_type(&mime, "a.css", "text/x-css; charset=utf-8");
	mime_close(&mime);
	open_text(&mime, text, MIME_OF_OPERATOR);
	assert_type(&mime, "a.ts",
	    "text/vnd.trolltech.linguist; charset=utf-8");
	mime_close(&mime);
	(void)state;
}

static void
what_is_stored_in_a_coding_says_so(void **state)
{
	static const char *const plain[] = { "a.svg", "svgz", "a.svgz/b",
		"a.svgz.txt", "a.gz", "" };
	size_t i;

	assert_string_equal(mime_coding("a/b.SVGZ", 8), "gzip");
	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		assert_null(mime_coding(plain[i], strlen(plain[i])));
	(void)state;
}

static void
the_densest_file_fits(void **state)
{
	/* As many words as there can be, each with a charset. */
	static char text[6000];
	struct mime mime;
	size_t i;

	for (i = 0; i + 10 < sizeof(text); i += 10)
		memcpy(text + i, "text/ a b\n", 10);
	open_text(&mime, text, MIME_OF_OPERATOR);
	assert_type(&mime, "x.a", "text/; charset=utf-8");
	mime_close(&mime);
	for (i = 0; i + 3 < sizeof(text); i += 3)
		memcpy(text + i, "/ a", 3);
	text[i] = '\0';
	open_text(&mime, text, MIME_OF_OPERATOR);
	mime_close(&mime);
	(void)state;
}

static void
a_file_that_cannot_be_read_is_an_error(void **state)
{
	struct mime mime;

	assert_int_equal(
	    mime_open(&mime, "/nonexistent", MIME_OF_OPERATOR, NULL), -ENOENT);
	assert_int_equal(
	    mime_open(&mime, "/dev/null/x", MIME_OF_OPERATOR, NULL), -ENOTDIR);
	(void)state;
}

static void
text_has_the_charset_that_is_asked_for_or_none(void **state)
{
	struct mime mime;

	assert_int_equal(mime_open(&mime, NULL, MIME_OF_SYSTEM, "x-Other"), 0);
	assert_type(&mime, "a.css", "text/css; charset=x-Other");
	assert_type(&mime, "a.png", "image/png");
	mime_close(&mime);
	assert_int_equal(mime_open(&mime, NULL, MIME_OF_SYSTEM, NULL), 0);
	assert_type(&mime, "a.css", "text/css");
	mime_close(&mime);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_name_has_its_type),
		cmocka_unit_test(the_file_goes_before_what_is_built_in),
		cmocka_unit_test(whole_names_and_a_default_may_be_given),
		cmocka_unit_test(the_longest_name_is_looked_up),
		cmocka_unit_test(some_types_go_before_those_of_the_system),
		cmocka_unit_test(what_is_stored_in_a_coding_says_so),
		cmocka_unit_test(the_densest_file_fits),
		cmocka_unit_test(a_file_that_cannot_be_read_is_an_error),
		cmocka_unit_test(
		    text_has_the_charset_that_is_asked_for_or_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
