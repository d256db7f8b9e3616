/* SPDX-License-Identifier: MIT */
/* The walls of the jail, by name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/jail_layers.h"

static const char *const names[TS_WALLS] = { "user", "chroot",
	"read_only_mounts", "network_namespace", "mdwe", "seccomp",
	"landlock_files", "landlock_truncate", "landlock_network",
	"landlock_scopes" };

static void
each_wall_has_its_name(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TS_WALLS; i++)
		assert_string_equal(ts_wall_name(i), names[i]);
}

static void
the_jail_is_whole_where_no_wall_is_missing(void **state)
{
	struct ts_walls walls = { .missing = { 0 } };
	char text[TS_WALLS_TEXT_SIZE] = "?";

	(void)state;
	assert_true(ts_walls_are_whole(&walls));
	ts_walls_missing(&walls, text);
	assert_string_equal(text, "");
}

static void
any_wall_that_is_missing_is_named(void **state)
{
	(void)state;
	for (unsigned i = 0; i < TS_WALLS; i++) {
		struct ts_walls walls = { .missing = { 0 } };
		char text[TS_WALLS_TEXT_SIZE];
		char expected[TS_WALLS_TEXT_SIZE];

		walls.missing[i] = ENOSYS;
		assert_false(ts_walls_are_whole(&walls));
		ts_walls_missing(&walls, text);
		(void)snprintf(expected, sizeof(expected),
		    "%s (Function not implemented)", names[i]);
		assert_string_equal(text, expected);
	}
}

static void
several_are_named_with_why(void **state)
{
	const struct ts_walls walls = {
		.missing[TS_WALL_CHROOT] = EPERM,
		.missing[TS_WALL_LANDLOCK_SCOPES] = EOPNOTSUPP,
	};
	char text[TS_WALLS_TEXT_SIZE];

	(void)state;
	ts_walls_missing(&walls, text);
	assert_string_equal(text,
	    "chroot (Operation not permitted), "
	    "landlock_scopes (Operation not supported)");
}

/* Missing walls, and whether files can be written then. */
static const struct {
	enum ts_wall missing[3];
	unsigned count;
	bool is_protected;
} protections[] = {
	{ { 0 }, 0, true },
	{ { TS_WALL_LANDLOCK_TRUNCATE }, 1, true },
	{ { TS_WALL_READ_ONLY_MOUNTS }, 1, true },
	{ { TS_WALL_CHROOT }, 1, true },
	{ { TS_WALL_CHROOT, TS_WALL_READ_ONLY_MOUNTS }, 2, true },
	{ { TS_WALL_LANDLOCK_FILES, TS_WALL_LANDLOCK_TRUNCATE }, 2, true },
	{ { TS_WALL_LANDLOCK_TRUNCATE, TS_WALL_READ_ONLY_MOUNTS }, 2, false },
	/* An absolute path leads to the same files on another mount. */
	{ { TS_WALL_LANDLOCK_TRUNCATE, TS_WALL_CHROOT }, 2, false },
	{ { TS_WALL_LANDLOCK_TRUNCATE, TS_WALL_CHROOT,
	      TS_WALL_READ_ONLY_MOUNTS },
	    3, false },
};

static void
files_are_protected_by_landlock_3_or_by_mounts_and_chroot(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(protections) / sizeof(protections[0]);
	     i++) {
		struct ts_walls walls = { .missing = { 0 } };

		for (unsigned j = 0; j < protections[i].count; j++)
			walls.missing[protections[i].missing[j]] = EPERM;
		assert_int_equal(ts_walls_protect_files(&walls),
		    protections[i].is_protected);
	}
}

/* With the longest words there are for an error. */
static void
all_of_them_have_room(void **state)
{
	struct ts_walls walls;
	char text[TS_WALLS_TEXT_SIZE];

	(void)state;
	for (unsigned i = 0; i < TS_WALLS; i++)
		walls.missing[i] = EILSEQ;
	ts_walls_missing(&walls, text);
	assert_string_equal(text + strlen(text) - 1, ")");
	assert_non_null(strstr(text, names[TS_WALLS - 1]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_wall_has_its_name),
		cmocka_unit_test(the_jail_is_whole_where_no_wall_is_missing),
		cmocka_unit_test(any_wall_that_is_missing_is_named),
		cmocka_unit_test(several_are_named_with_why),
		cmocka_unit_test(
		    files_are_protected_by_landlock_3_or_by_mounts_and_chroot),
		cmocka_unit_test(all_of_them_have_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
