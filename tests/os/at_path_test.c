/* SPDX-License-Identifier: MIT */
/* A name that stays within reach when its path does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <assert.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "forked.h"
#include "os/at_path.h"
#include "os/chroot.h"
#include "os/fd.h"

static char folder[32];
static char path[64];

static int
make_file(void **state)
{
	int fd;

	(void)state;
	(void)snprintf(folder, sizeof(folder), "/tmp/place-test.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/file", folder);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	(void)close(fd);
	return fd < 0 ? -1 : 0;
}

static int
remove_file(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(folder);
}

static void
what_has_the_name_is_removed(void **state)
{
	struct ts_place place = { .folder_fd = -1 };

	(void)state;
	assert_int_equal(ts_place_open(&place, path), 0);
	assert_true(place.folder_fd >= TS_FD_PARENT);
	assert_string_equal(place.name, "file");
	ts_place_remove(&place);
	assert_int_equal(place.folder_fd, -1);
	assert_int_equal(access(path, F_OK), -1);
	/* Once is enough. */
	ts_place_remove(&place);
}

static int
remove_from_an_empty_root(void *arg)
{
	struct ts_place place;
	int fd;

	(void)arg;
	assert(ts_place_open(&place, path) == 0);
	assert(ts_root_open_empty(&fd) == 0);
	assert(ts_root_enter(fd) == 0);
	ts_place_remove(&place);
	return 0;
}

static void
the_root_may_be_another_by_then(void **state)
{
	(void)state;
	if (getuid() != 0) {
		print_message("chroot(2) is the superuser's\n");
		skip();
	}
	process_run(remove_from_an_empty_root, NULL);
	assert_int_equal(access(path, F_OK), -1);
}

static int
remove_from_here(void *arg)
{
	struct ts_place place;

	(void)arg;
	assert(chdir(folder) == 0);
	assert(ts_place_open(&place, "file") == 0);
	assert(chdir("/") == 0);
	ts_place_remove(&place);
	return 0;
}

static void
a_path_may_begin_here(void **state)
{
	(void)state;
	process_run(remove_from_here, NULL);
	assert_int_equal(access(path, F_OK), -1);
}

static void
a_path_without_a_name_is_none(void **state)
{
	char long_name[TS_PLACE_NAME_SIZE + 1];
	char before[PROCESS_FDS_SIZE];
	char after[PROCESS_FDS_SIZE];
	struct ts_place place;

	(void)state;
	memset(long_name, 'x', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	process_list_fds(before);
	assert_int_equal(ts_place_open(&place, ""), -EINVAL);
	assert_int_equal(ts_place_open(&place, "/tmp/"), -EINVAL);
	assert_int_equal(ts_place_open(&place, long_name), -EINVAL);
	assert_int_equal(ts_place_open(&place, "/nowhere/file"), -ENOENT);
	assert_int_equal(ts_place_open(&place, "/etc/passwd/x"), -ENOTDIR);
	process_list_fds(after);
	assert_string_equal(before, after);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_has_the_name_is_removed,
		    make_file, remove_file),
		cmocka_unit_test_setup_teardown(the_root_may_be_another_by_then,
		    make_file, remove_file),
		cmocka_unit_test_setup_teardown(a_path_may_begin_here,
		    make_file, remove_file),
		cmocka_unit_test(a_path_without_a_name_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
