/* SPDX-License-Identifier: MIT */
/* Whether a directory can be written to, as far as mounts go. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <assert.h>
#include <cmocka.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "forked.h"
#include "os/fd.h"
#include "os/mounts.h"
#include "own_mounts.h"

/* A file system in memory at /tmp/a b, and one in it, at /tmp/a b/in. */
static int
mount_all(void)
{
	if (!own_mounts_enter())
		return -1;
	return mount("none", "/tmp", "tmpfs", 0, NULL) < 0 ||
		mkdir("/tmp/a b", 0755) < 0 ||
		mount("none", "/tmp/a b", "tmpfs", 0, NULL) < 0 ||
		mkdir("/tmp/a b/in", 0755) < 0 ||
		mount("none", "/tmp/a b/in", "tmpfs", 0, NULL) < 0
	    ? -1
	    : 0;
}

static int
try_to_mount(void *arg)
{
	(void)arg;
	return mount_all() < 0 ? 1 : 0;
}

static void
change(const char *path, unsigned long flags)
{
	assert(
	    mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | flags, NULL) == 0);
}

static int
look(void *arg)
{
	int fd;

	(void)arg;
	assert(mount_all() == 0);
	assert(ts_fd_open_folder(&fd, "/tmp/a b") == 0);
	assert(!ts_mounts_are_read_only(fd));
	change("/tmp/a b", MS_RDONLY);
	assert(!ts_mounts_are_read_only(fd));
	change("/tmp/a b/in", MS_RDONLY);
	assert(ts_mounts_are_read_only(fd));
	change("/tmp/a b", 0);
	assert(!ts_mounts_are_read_only(fd));
	return 0;
}

static int
look_without_proc(void *arg)
{
	int fd;

	(void)arg;
	assert(mount_all() == 0);
	change("/tmp/a b", MS_RDONLY);
	change("/tmp/a b/in", MS_RDONLY);
	assert(mount("none", "/proc", "tmpfs", 0, NULL) == 0);
	assert(ts_fd_open_folder(&fd, "/tmp/a b") == 0);
	assert(!ts_mounts_are_read_only(fd));
	return 0;
}

static void
run_where_mounts_can_be_made(int (*what)(void *))
{
	if (process_wait(process_start(try_to_mount, NULL), PROCESS_LIMIT_MS) !=
	    0) {
		print_message("mounts are not permitted\n");
		skip();
	}
	process_run(what, NULL);
}

static void
it_is_read_only_when_each_mount_beneath_is(void **state)
{
	(void)state;
	run_where_mounts_can_be_made(look);
}

static void
what_cannot_be_known_counts_as_writable(void **state)
{
	(void)state;
	run_where_mounts_can_be_made(look_without_proc);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_read_only_when_each_mount_beneath_is),
		cmocka_unit_test(what_cannot_be_known_counts_as_writable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
