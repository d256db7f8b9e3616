/* SPDX-License-Identifier: MIT */
/* Whether a line of /proc/self/mountinfo is a writable mount beneath a path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "core/mountinfo.h"

static void
expect(const char *line, const char *directory, bool is_writable_beneath)
{
	if (ts_mountinfo_is_writable_beneath(line, directory) !=
	    is_writable_beneath)
		fail_msg("%s: %s", directory, line);
}

static const struct {
	const char *mount_point;
	const char *directory;
	bool is_beneath;
} places[] = {
	{ "/srv/www/a", "/srv/www", true },
	{ "/srv/www/a/b", "/srv/www", true },
	{ "/srv/www", "/srv/www", false },
	{ "/srv/www2", "/srv/www", false },
	{ "/srv/ww", "/srv/www", false },
	{ "/srv", "/srv/www", false },
	{ "/", "/srv/www", false },
	{ "/a", "/", true },
	{ "/", "/", false },
	/* As the kernel writes spaces, tabs, line ends and backslashes. */
	{ "/my\\040site/a", "/my site", true },
	{ "/my\\040site", "/my site", false },
	{ "/t\\011\\012\\134/a", "/t\t\n\\", true },
	{ "/my\\04", "/my\\04", false },
	{ "/my\\04/a", "/my\\04", true },
};

static void
only_what_is_mounted_beneath_the_directory_counts(void **state)
{
	char line[128];

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		(void)snprintf(line, sizeof(line),
		    "36 35 98:0 / %s rw,noatime master:1 - ext3 /dev/sda rw\n",
		    places[i].mount_point);
		expect(line, places[i].directory, places[i].is_beneath);
	}
}

static const struct {
	const char *line;
	bool is_writable;
} lines[] = {
	{ "1 2 0:3 / /d/x rw - tmpfs none rw\n", true },
	{ "1 2 0:3 / /d/x ro - tmpfs none rw\n", false },
	{ "1 2 0:3 / /d/x rw - tmpfs none ro\n", false },
	{ "1 2 0:3 / /d/x rw - tmpfs none ro", false },
	{ "1 2 0:3 / /d/x ro,nodev - tmpfs none rw,size=4k\n", false },
	{ "1 2 0:3 / /d/x rw,nodev - tmpfs none ro,size=4k\n", false },
	{ "1 2 0:3 / /d/x rw shared:7 master:2 - tmpfs none ro\n", false },
	/* An option that only begins like it. */
	{ "1 2 0:3 / /d/x rw - tmpfs none rootcontext=x\n", true },
	{ "1 2 0:3 / /d/x rw,ro - tmpfs none rw,ro\n", true },
	/* Broken lines. */
	{ "", true },
	{ "\n", true },
	{ "1 2 0:3 / /d/x ro", true },
	{ "1 2 0:3 / /d/x ro - tmpfs", true },
	{ "1 2 - 0:3 /", true },
};

static void
it_is_read_only_by_its_own_options_or_its_file_system_s(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		expect(lines[i].line, "/d", lines[i].is_writable);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    only_what_is_mounted_beneath_the_directory_counts),
		cmocka_unit_test(
		    it_is_read_only_by_its_own_options_or_its_file_system_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
