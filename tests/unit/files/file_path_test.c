/* SPDX-License-Identifier: MIT */
/* Where a path of a URL leads. */
#include "files/file_path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct site_root root = { .fd = 4 };
static const struct site_root other = { .fd = 8 };

static void
shows_and_opens(const struct place *place, const char *shown,
    const char *opened, int fd)
{
	assert_string_equal(place_shown(place), shown);
	assert_string_equal(place_opened(place), opened);
	assert_int_equal(place->root.fd, fd);
}

static void
a_path_is_opened_as_it_is_shown(void **state)
{
	static struct place place;

	place_init(&place, root, "");
	shows_and_opens(&place, "", "", 4);
	place_init(&place, root, "a/b");
	shows_and_opens(&place, "a/b", "a/b", 4);
	place_add(&place, ".gz");
	shows_and_opens(&place, "a/b.gz", "a/b.gz", 4);
	place_cut(&place, 3);
	shows_and_opens(&place, "a/b", "a/b", 4);
	(void)state;
}

static void
the_path_of_another_folder_is_not_opened(void **state)
{
	static struct place place;

	place_init(&place, root, "x/y/a/b");
	place_move(&place, other, strlen("x/y"));
	shows_and_opens(&place, "x/y/a/b", "a/b", 8);
	place_init(&place, root, "x");
	place_move(&place, other, strlen("x"));
	shows_and_opens(&place, "x", "", 8);
	place_add(&place, "/");
	place_add(&place, "index.html");
	shows_and_opens(&place, "x/index.html", "index.html", 8);
	(void)state;
}

static void
what_has_no_room_is_left_out(void **state)
{
	static char longest[URLPATH_SIZE];
	static char name[PLACE_ADDED_BYTES + 1];
	static struct place place;
	unsigned i;

	memset(longest, 'a', sizeof(longest) - 1);
	memset(name, 'n', sizeof(name) - 1);
	place_init(&place, root, longest);
	for (i = 0; i < 2; i++) {
		place_add(&place, name);
		assert_int_equal(strlen(place_shown(&place)),
		    sizeof(longest) - 1 + PLACE_ADDED_BYTES);
	}
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_is_opened_as_it_is_shown),
		cmocka_unit_test(the_path_of_another_folder_is_not_opened),
		cmocka_unit_test(what_has_no_room_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
