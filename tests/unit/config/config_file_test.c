/* SPDX-License-Identifier: MIT */
/* The lines of a configuration file. */
#include "config/config_file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"

static const struct {
	const char *text;
	/* What is read of it: "number:name=value;" for each, then the end. */
	const char *read;
	const char *shows;
} texts[] = {
	{ "", "0", "nothing" },
	{ "\n\n", "0", "empty lines" },
	{ "port 80\n", "1:port=80;0", "a line" },
	{ "port 80", "1:port=80;0", "a line without its end" },
	{ "cors\n", "1:cors=;0", "a name alone" },
	{ "cors  \t\n", "1:cors=;0", "a name and blanks" },
	{ " \tport\t 80 \t\n", "1:port=80;0", "blanks around" },
	{ "index a b\tc\n", "1:index=a b\tc;0", "blanks within" },
	{ "a 1\nb 2\n", "1:a=1;2:b=2;0", "two lines" },
	{ "# a\n \t# b\n#\n\n \t\nport 80\n", "6:port=80;0", "comments" },
	{ "a # b\n", "1:a=# b;0", "no comment behind a name" },
	{ "a #\n", "1:a=#;0", "a value that is a mark" },
	{ "a=b\n", "1:a=b=;0", "an equals sign is of the name" },
	{ "a \"b\"\n", "1:a=\"b\";0", "quotes are bytes as others" },
	{ "a b\\\nc\n", "1:a=b\\;2:c=;0", "a line goes not on" },
	{ "a \xc3\xa9\n", "1:a=\xc3\xa9;0", "bytes above ASCII" },
	{ "a 1\nb\r\n", "1:a=1;-crlf", "a carriage return" },
	{ "a\rb\r\n", "-bad", "another one" },
	{ "a \x1b[1m\n", "-bad", "an escape" },
	{ "a \x7f\n", "-bad", "DEL" },
	{ "a\x0b 1\n", "-bad", "a control in a name" },
	{ "# \x01\n", "-bad", "a control in a comment" },
};

static void
read_all(char *read, size_t size, struct piece text)
{
	struct configline lines = { .text = text };
	struct configline_pair pair;
	size_t n = 0;
	int r;

	for (;;) {
		r = configline_next(&lines, &pair);
		if (r != 1)
			break;
		n += (size_t)snprintf(read + n, size - n, "%u:%.*s=%.*s;",
		    lines.number, (int)pair.name.n, pair.name.bytes,
		    (int)pair.value.n, pair.value.bytes);
		assert_true(n < size);
	}
	(void)snprintf(read + n, size - n, "%s",
	    r == 0		 ? "0"
		: r == -EILSEQ	 ? "-crlf"
		: r == -EBADMSG	 ? "-bad"
		: r == -EMSGSIZE ? "-long"
				 : "-?");
}

static void
each_text_is_read(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t n = strlen(texts[i].text);
		char read[100];

		read_all(read, sizeof(read),
		    (struct piece){ guard_copy(texts[i].text, n), n });
		if (strcmp(read, texts[i].read) != 0)
			fail_msg("%s: %s", texts[i].shows, read);
	}
	(void)state;
}

static void
a_nul_is_refused(void **state)
{
	static const char text[] = "a b\0c\n";
	char read[100];

	read_all(read, sizeof(read), (struct piece){ text, sizeof(text) - 1 });
	assert_string_equal(read, "-bad");
	(void)state;
}

static void
a_line_has_4095_bytes_at_most(void **state)
{
	char line[CONFIGLINE_BYTES + 2];
	struct configline lines;
	struct configline_pair pair;

	memset(line, 'x', sizeof(line));
	line[CONFIGLINE_BYTES] = '\n';
	lines = (struct configline){ .text = { line, sizeof(line) } };
	assert_int_equal(configline_next(&lines, &pair), 1);
	assert_int_equal(pair.name.n, 4095);
	assert_int_equal(configline_next(&lines, &pair), 1);
	assert_int_equal(pair.name.n, 1);

	line[CONFIGLINE_BYTES] = 'x';
	line[0] = '#';
	lines = (struct configline){ .text = { line, sizeof(line) - 1 } };
	assert_int_equal(configline_next(&lines, &pair), -EMSGSIZE);
	(void)state;
}

static const struct {
	const char *value;
	bool is_held;
} values[] = {
	{ "a", true },
	{ "a b", true },
	{ "#", true },
	{ "", false },
	{ " a", false },
	{ "a\t", false },
	{ "a\nb", false },
	{ "a\rb", false },
	{ "\x7f", false },
};

static void
what_a_line_cannot_say_is_known(void **state)
{
	static const struct piece name = PIECE_OF("index");
	char longest[CONFIGLINE_BYTES];
	struct configline_pair pair = { name, { longest, 4089 } };
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct configline_pair one = { name,
			{ values[i].value, strlen(values[i].value) } };

		if (configline_may_hold(&one) != values[i].is_held)
			fail_msg("'%s'", values[i].value);
	}
	memset(longest, 'x', sizeof(longest));
	assert_true(configline_may_hold(&pair));
	pair.value.n++;
	assert_false(configline_may_hold(&pair));
	(void)state;
}

static void
values_as_other_programs_write_them_are_noticed(void **state)
{
	static const struct {
		const char *value;
		bool is_right;
	} cases[] = {
		{ "/srv", true },
		{ "= /srv", false },
		{ "=/srv", false },
		{ "\"/srv\"", false },
		{ "'/srv'", false },
		{ "\"", true },
		{ "\"a", true },
		{ "\"a'", true },
		{ "X-A: \"a\"", true },
		{ "", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct piece value = { cases[i].value,
			strlen(cases[i].value) };

		assert_int_equal(configline_fault(value) == NULL,
		    cases[i].is_right);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_text_is_read),
		cmocka_unit_test(a_nul_is_refused),
		cmocka_unit_test(a_line_has_4095_bytes_at_most),
		cmocka_unit_test(what_a_line_cannot_say_is_known),
		cmocka_unit_test(
		    values_as_other_programs_write_them_are_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
