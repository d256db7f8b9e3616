/* SPDX-License-Identifier: MIT */
/* The options: their table, what tells of them, and how they are taken. */
#include "config/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "config/help.h"

#define MANUAL "man/ezhttpd.8"
#define MANUAL_BYTES_MAX (1024 * 1024)

static void
rows_are_sorted_and_each_is_found(void **state)
{
	const struct optiontable_row *before = NULL;
	size_t i;

	for (i = 0; optiontable_at(i) != NULL; i++) {
		const struct optiontable_row *row = optiontable_at(i);
		const struct piece name = { row->name, strlen(row->name) };

		if (before != NULL && strcmp(before->name, row->name) >= 0)
			fail_msg("%s is not behind %s", row->name,
			    before->name);
		assert_ptr_equal(optiontable_find(name), row);
		before = row;
	}
	assert_null(optiontable_find((struct piece){ "por", 3 }));
	assert_null(optiontable_find((struct piece){ "ports", 5 }));
	(void)state;
}

static void
each_row_is_another_option(void **state)
{
	bool has_row[(int)OPTION_SERVING + (int)SERVING_OPTIONS] = { false };
	size_t i;
	size_t j;

	for (i = 0; optiontable_at(i) != NULL; i++) {
		const struct optiontable_row *a = optiontable_at(i);

		has_row[a->id] = true;
		for (j = 0; j < i; j++) {
			const struct optiontable_row *b = optiontable_at(j);

			assert_int_not_equal(a->id, b->id);
			assert_true(
			    a->letter == '\0' || a->letter != b->letter);
		}
	}
	for (i = 0; i < sizeof(has_row); i++)
		if (!has_row[i])
			fail_msg("no row has the id %zu", i);
	(void)state;
}

/* The name stands there whole, and not as a part of a longer one. */
static const char *
find_name(const char *text, const char *start, const char *name)
{
	char wanted[100];
	size_t n =
	    (size_t)snprintf(wanted, sizeof(wanted), "%s%s", start, name);

	for (;;) {
		text = strstr(text, wanted);
		if (text == NULL || strchr(" ,.\n", text[n]) != NULL)
			return text;
		text += n;
	}
}

static void
the_help_names_each_option(void **state)
{
	const char *several = strstr(help_text, "More than one of each:");
	size_t i;

	assert_non_null(several);
	for (i = 0; optiontable_at(i) != NULL; i++) {
		const struct optiontable_row *row = optiontable_at(i);
		char letter[] = { '-', row->letter, ',', ' ', '\0' };
		const char *place = find_name(help_text, "--", row->name);

		if (place == NULL || place > several)
			fail_msg("--%s", row->name);
		if (row->letter != '\0' &&
		    strncmp(place - strlen(letter), letter, strlen(letter)) !=
			0)
			fail_msg("%s--%s", letter, row->name);
		if ((find_name(several, "--", row->name) != NULL) !=
		    ((row->flags & OPTION_ADDS) != 0))
			fail_msg("more than one --%s", row->name);
	}
	(void)state;
}

static void
the_help_fits_a_screen(void **state)
{
	const char *line = help_text;
	unsigned lines = 0;

	while (*line != '\0') {
		size_t n = strcspn(line, "\n");

		assert_true(n < 80);
		lines++;
		line += n + 1;
	}
	assert_true(lines <= 24);
	(void)state;
}

/* Whether there is an item of a list, as ".It Fl p Ar port , Fl -port". */
static bool
has_item(const char *manual, const struct optiontable_row *row)
{
	static const char item[] = "\n.It Fl ";
	const char *line = manual;

	for (;;) {
		const char *name;

		line = strstr(line, item);
		if (line == NULL)
			return false;
		line += strlen(item);
		name = find_name(line, "-", row->name);
		if (name != NULL && name < strchr(line, '\n'))
			return row->letter == '\0' ? name == line
						   : *line == row->letter;
	}
}

static void
the_manual_tells_of_each_option(void **state)
{
	static char manual[MANUAL_BYTES_MAX];
	FILE *file = fopen(MANUAL, "r");
	size_t n;
	size_t i;

	assert_non_null(file);
	n = fread(manual, 1, sizeof(manual) - 1, file);
	(void)fclose(file);
	manual[n] = '\0';
	for (i = 0; optiontable_at(i) != NULL; i++) {
		const struct optiontable_row *row = optiontable_at(i);

		if (!has_item(manual, row))
			fail_msg("--%s", row->name);
	}
	(void)state;
}

static void
the_defaults_of_the_table_are_those_that_hold(void **state)
{
	static struct options nothing;
	static struct options said;
	size_t i;

	options_init(&nothing);
	options_init(&said);
	for (i = 0; optiontable_at(i) != NULL; i++) {
		const struct optiontable_row *row = optiontable_at(i);

		if (row->standard != NULL)
			assert_null(
			    options_take(&said, row->id, row->standard));
	}
	options_complete(&nothing);
	assert_string_equal(said.folder, nothing.folder);
	assert_int_equal(nothing.address_count, 1);
	assert_int_equal(said.address_count, 1);
	assert_string_equal(said.addresses[0], nothing.addresses[0]);
	assert_int_equal(said.jail, nothing.jail);
	assert_int_equal(said.log, nothing.log);
	assert_string_equal(said.serving.charset, nothing.serving.charset);
	assert_string_equal(serving_index(&said.serving, 0),
	    serving_index(&nothing.serving, 0));
	assert_true(said.is_address_said && !nothing.is_address_said);
	(void)state;
}

static const struct {
	int id;
	const char *word;
	/* Why not, or NULL. */
	const char *fault;
} words[] = {
	{ OPTION_PORT, "0", NULL },
	{ OPTION_PORT, "65535", NULL },
	{ OPTION_PORT, "65536", "expected a port from 0 to 65535" },
	{ OPTION_PORT, "-1", "expected a port from 0 to 65535" },
	{ OPTION_PORT, " 1", "expected a port from 0 to 65535" },
	{ OPTION_PORT, "1x", "expected a port from 0 to 65535" },
	{ OPTION_PORT, "", "expected a port from 0 to 65535" },
	{ OPTION_LOG, "off", NULL },
	{ OPTION_LOG, "combined", NULL },
	{ OPTION_LOG, "json", NULL },
	{ OPTION_LOG, "common", "expected combined, json or off" },
	{ OPTION_JAIL, "strict", NULL },
	{ OPTION_JAIL, "on", "expected auto, strict or off" },
	{ OPTION_MAX_CONNECTIONS, "16384", NULL },
	{ OPTION_MAX_CONNECTIONS, "none", NULL },
	{ OPTION_MAX_CONNECTIONS, "0",
	    "expected a number from 1 to 16384, or none" },
	{ OPTION_MAX_PER_SOURCE, "4294967294", NULL },
	{ OPTION_MAX_PER_SOURCE, "4294967295",
	    "expected a number of connections, or none" },
	{ (int)OPTION_SERVING + (int)SERVING_INDEX, "a/b",
	    "expected the name of a file that is served" },
	{ OPTION_HELP, "", "unknown option" },
};

static void
each_word_is_taken_or_refused(void **state)
{
	static struct options options;
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		const char *fault;

		options_init(&options);
		fault = options_take(&options, words[i].id, words[i].word);
		if ((fault == NULL) != (words[i].fault == NULL))
			fail_msg("%s", words[i].word);
		if (fault != NULL)
			assert_string_equal(fault, words[i].fault);
	}
	(void)state;
}

static void
some_are_given_only_so_often(void **state)
{
	static struct options options;
	unsigned i;

	options_init(&options);
	for (i = 0; i < OPTIONS_ADDRESSES; i++)
		assert_null(options_take(&options, OPTION_PORT, "1"));
	assert_string_equal(options_take(&options, OPTION_LISTEN, "1"),
	    "at most 16 addresses are allowed");
	assert_null(options_take(&options, OPTION_DIRECTORY, "a"));
	assert_string_equal(options_take(&options, OPTION_DIRECTORY, "a"),
	    "only one directory is allowed");
	assert_null(options_take(&options, OPTION_CONFIG, "a"));
	assert_string_equal(options_take(&options, OPTION_CONFIG, "a"),
	    "only one configuration file is allowed");
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_sorted_and_each_is_found),
		cmocka_unit_test(each_row_is_another_option),
		cmocka_unit_test(the_help_names_each_option),
		cmocka_unit_test(the_help_fits_a_screen),
		cmocka_unit_test(the_manual_tells_of_each_option),
		cmocka_unit_test(the_defaults_of_the_table_are_those_that_hold),
		cmocka_unit_test(each_word_is_taken_or_refused),
		cmocka_unit_test(some_are_given_only_so_often),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
