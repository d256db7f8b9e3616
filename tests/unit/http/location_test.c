/* SPDX-License-Identifier: MIT */
/* Relative references: where they lead, and what they never are. */
#include "http/location.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"

static struct piece
copy_of(const char *string)
{
	const size_t n = strlen(string);

	return (struct piece){ guard_copy(string, n), n };
}

static const char *
ended(struct text *text)
{
	assert_false(text->is_cut);
	assert_true(text->n < text->size);
	text->bytes[text->n] = '\0';
	return text->bytes;
}

static void
a_folder_is_reached_from_its_name(void **state)
{
	static const struct {
		const char *path;
		const char *reference;
	} cases[] = {
		{ "/sub", "sub/" },
		{ "/a/b/sub", "sub/" },
		{ "//evil.example", "evil.example/" },
		{ "/%73ub", "%73ub/" },
		{ "/c:d", "./c:d/" },
		{ "/a/javascript:x", "./javascript:x/" },
		{ "/a:b/c", "c/" },
		{ "/a;b,c=d", "a;b,c=d/" },
		{ "/a|b[]{}^`", "a%7Cb%5B%5D%7B%7D%5E%60/" },
		{ "/a%20b%0D%0AX:y", "./a%20b%0D%0AX:y/" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char bytes[100];
		struct text text;

		text_init(&text, bytes, sizeof(bytes));
		location_put_slash(&text, copy_of(cases[i].path));
		assert_string_equal(ended(&text), cases[i].reference);
	}
	(void)state;
}

static void
a_raw_path_is_reached_by_its_encoded_one(void **state)
{
	static const struct {
		const char *path;
		/* NULL: by none. */
		const char *reference;
	} cases[] = {
		{ "/a/b", "" },
		{ "/\xc3\xa4", "%C3%A4" },
		{ "/a/\"b<c>.txt", "%22b%3Cc%3E.txt" },
		{ "/a/\xff/b/c", "../../%FF/b/c" },
		{ "/a/\xff/", "../%FF/" },
		{ "/a/b:\xff", "./b:%FF" },
		{ "/a/b:\xff/c", ".././b:%FF/c" },
		{ "/a%2Fb/%41\xff\\", "%41%FF%5C" },
		{ "//\xff", "%FF" },
		{ "/a//b/../\xff", "%FF" },
		{ "/\xff//a", NULL },
		{ "/\xff//", NULL },
		{ "/\xff/../a", NULL },
		{ "/\xff/..", NULL },
		{ "/\xff/./a", NULL },
		{ "/\xff/%2e%2E/a", NULL },
		{ "/\xff/.%2e", NULL },
		{ "/\xff/..a", "../%FF/..a" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char bytes[100];
		struct text text;
		bool is_there;

		text_init(&text, bytes, sizeof(bytes));
		is_there = location_put_same(&text, copy_of(cases[i].path));
		if (is_there != (cases[i].reference != NULL))
			fail_msg("%s", cases[i].path);
		assert_string_equal(ended(&text),
		    is_there ? cases[i].reference : "");
	}
	(void)state;
}

/* Every byte, alone and behind another segment. */
static void
no_reference_leads_elsewhere_or_ends_a_field(void **state)
{
	int c;

	for (c = 1; c < 256; c++) {
		char path[] = { '/', (char)c, '\xff', '\0' };
		char bytes[100];
		struct text text;
		size_t i;

		text_init(&text, bytes, sizeof(bytes));
		if (!location_put_same(&text, copy_of(path)))
			continue;
		location_put_slash(&text, copy_of(path));
		assert_true(bytes[0] != '/' && bytes[0] != '\\');
		for (i = 0; i < text.n; i++) {
			assert_in_range(bytes[i], 0x21, 0x7e);
			assert_true(bytes[i] != '\\' && bytes[i] != '<');
		}
		assert_true(
		    location_is_encoded((struct piece){ bytes, text.n }));
	}
	(void)state;
}

static void
the_longest_reference_fits(void **state)
{
	static char path[REQUEST_LINE_BYTES];
	static char bytes[LOCATION_BYTES];
	struct text text;
	size_t i;

	memset(path, 0xff, sizeof(path));
	path[0] = '/';
	text_init(&text, bytes, sizeof(bytes));
	assert_true(
	    location_put_same(&text, (struct piece){ path, sizeof(path) }));
	assert_false(text.is_cut);
	for (i = 0; i < sizeof(path); i += 2)
		path[i] = '/';
	text_init(&text, bytes, sizeof(bytes));
	assert_true(
	    location_put_same(&text, (struct piece){ path, sizeof(path) }));
	assert_false(text.is_cut);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_folder_is_reached_from_its_name),
		cmocka_unit_test(a_raw_path_is_reached_by_its_encoded_one),
		cmocka_unit_test(no_reference_leads_elsewhere_or_ends_a_field),
		cmocka_unit_test(the_longest_reference_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
