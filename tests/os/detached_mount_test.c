/* SPDX-License-Identifier: MIT */
/* A folder from which nothing above it is in reach. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <assert.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "forked.h"
#include "os/detached_mount.h"
#include "os/fd.h"
#include "os/namespaces.h"
#include "own_mounts.h"

#define NOBODY 65534
#define FOLDER "/etc"

static void
become_ordinary(void)
{
	if (getuid() == 0)
		assert(setresuid(NOBODY, NOBODY, NOBODY) == 0);
}

/* As an ordinary user who has left its users and mounts. */
static void
leave(void)
{
	become_ordinary();
	assert(ts_namespaces_leave_users() == 0);
	assert(ts_namespaces_leave_mounts() == 0);
}

static int
try_to_leave(void *arg)
{
	(void)arg;
	become_ordinary();
	return ts_namespaces_leave_users() == 0 &&
		ts_namespaces_leave_mounts() == 0
	    ? 0
	    : 1;
}

static void
skip_where_nobody_may(void)
{
	if (process_wait(process_start(try_to_leave, NULL), PROCESS_LIMIT_MS) ==
	    0)
		return;
	print_message("user namespaces are missing\n");
	skip();
}

static ino_t
number_of(int folder_fd, const char *path)
{
	struct stat status;

	assert(fstatat(folder_fd, path, &status, 0) == 0);
	return status.st_ino;
}

static void
expect_detached(int fd)
{
	assert(fd >= TS_FD_PARENT && process_is_cloexec(fd));
	assert(number_of(fd, "passwd") == number_of(AT_FDCWD, "/etc/passwd"));
	assert(number_of(fd, "..") == number_of(AT_FDCWD, FOLDER));
	/* Not even pointed at. */
	assert(openat(fd, "../etc/passwd", O_PATH) == -1 && errno == ENOENT);
}

/* Detaches, and expects that to be read-only. */
static void
detach_protected(int *fd, const char *path)
{
	int is_protected = -1;

	assert(ts_subtree_detach(fd, path, &is_protected) == 0);
	assert(is_protected == 0);
}

static int
detach(void *arg)
{
	int fd;

	(void)arg;
	if (getuid() != 0)
		leave();
	assert(ts_fd_open_folder(&fd, FOLDER) == 0);
	assert(number_of(fd, "..") == number_of(AT_FDCWD, "/"));
	detach_protected(&fd, "/no/such/path");
	expect_detached(fd);
	ts_fd_close(&fd);
	return 0;
}

static void
no_dots_lead_out_of_it(void **state)
{
	(void)state;
	skip_where_nobody_may();
	process_run(detach, NULL);
}

static int
detach_after_leaving(void *arg)
{
	int fd;

	(void)arg;
	assert(ts_fd_open_folder(&fd, FOLDER) == 0);
	leave();
	detach_protected(&fd, FOLDER);
	expect_detached(fd);
	return 0;
}

static void
it_is_opened_again_in_another_mount_namespace(void **state)
{
	(void)state;
	skip_where_nobody_may();
	process_run(detach_after_leaving, NULL);
}

static dev_t
device_of(int folder_fd, const char *path)
{
	struct stat status;

	assert(fstatat(folder_fd, path, &status, 0) == 0);
	return status.st_dev;
}

static int
detach_with_mounts(void *arg)
{
	int fd;

	(void)arg;
	leave();
	assert(mount("none", "/tmp", "tmpfs", 0, NULL) == 0);
	assert(device_of(AT_FDCWD, "/tmp") != device_of(AT_FDCWD, "/"));
	assert(ts_fd_open_folder(&fd, "/") == 0);
	detach_protected(&fd, "/");
	assert(device_of(fd, "tmp") == device_of(AT_FDCWD, "/tmp"));
	return 0;
}

static void
what_is_mounted_beneath_it_is_there(void **state)
{
	(void)state;
	skip_where_nobody_may();
	process_run(detach_with_mounts, NULL);
}

static void
expect_protected(int fd)
{
	const unsigned long flags =
	    ST_RDONLY | ST_NODEV | ST_NOSUID | ST_NOEXEC;
	struct statvfs facts;

	assert(fstatvfs(fd, &facts) == 0 && (facts.f_flag & flags) == flags);
	assert(openat(fd, "new", O_WRONLY | O_CREAT, 0600) == -1 &&
	    errno == EROFS);
}

static int
try_to_enter(void *arg)
{
	(void)arg;
	return own_mounts_enter() ? 0 : 1;
}

static void
skip_where_nobody_may_mount(void)
{
	if (process_wait(process_start(try_to_enter, NULL), PROCESS_LIMIT_MS) ==
	    0)
		return;
	print_message("mounts are not permitted\n");
	skip();
}

static int
detach_to_read(void *arg)
{
	int fd;
	int beneath;

	(void)arg;
	assert(own_mounts_enter());
	assert(mount("none", "/tmp", "tmpfs", 0, NULL) == 0);
	assert(mkdir("/tmp/a", 0755) == 0);
	assert(mount("none", "/tmp/a", "tmpfs", 0, NULL) == 0);
	assert(ts_fd_open_folder(&fd, "/tmp") == 0);
	detach_protected(&fd, "/tmp");
	expect_protected(fd);
	beneath = openat(fd, "a", O_PATH | O_DIRECTORY);
	assert(beneath >= 0 && device_of(beneath, ".") != device_of(fd, "."));
	expect_protected(beneath);
	/* The mounts that it was made of are what they were. */
	assert(mkdir("/tmp/a/b", 0755) == 0 && mkdir("/tmp/b", 0755) == 0);
	return 0;
}

static void
it_is_read_only_with_all_that_is_mounted_beneath(void **state)
{
	(void)state;
	skip_where_nobody_may_mount();
	process_run(detach_to_read, NULL);
}

/* Of mounts that tell others of their changes, as systemd makes them. */
static int
change_mounts_later(void *arg)
{
	int fd;

	(void)arg;
	assert(own_mounts_enter());
	assert(mount("none", "/tmp", "tmpfs", 0, NULL) == 0);
	assert(mount(NULL, "/tmp", NULL, MS_SHARED, NULL) == 0);
	assert(mkdir("/tmp/a", 0755) == 0 && mkdir("/tmp/b", 0755) == 0);
	assert(mount("none", "/tmp/a", "tmpfs", 0, NULL) == 0);
	assert(ts_fd_open_folder(&fd, "/tmp") == 0);
	detach_protected(&fd, "/tmp");
	assert(device_of(fd, "a") != device_of(fd, "."));
	assert(mount("none", "/tmp/b", "tmpfs", 0, NULL) == 0);
	assert(device_of(fd, "b") == device_of(fd, "."));
	assert(umount("/tmp/a") == 0);
	assert(device_of(fd, "a") == device_of(fd, "."));
	return 0;
}

static void
what_is_mounted_later_is_not_there_and_what_is_unmounted_goes(void **state)
{
	(void)state;
	skip_where_nobody_may_mount();
	process_run(change_mounts_later, NULL);
}

static int
find_another(void *arg)
{
	int is_protected;
	int fd;
	int before;

	(void)arg;
	assert(ts_fd_open_folder(&fd, FOLDER) == 0);
	before = fd;
	leave();
	assert(ts_subtree_detach(&fd, "/", &is_protected) == -ESTALE);
	assert(
	    ts_subtree_detach(&fd, "/no/such/path", &is_protected) == -ENOENT);
	assert(fd == before && number_of(fd, "passwd") > 0);
	return 0;
}

static void
another_is_not_taken_for_it(void **state)
{
	(void)state;
	skip_where_nobody_may();
	process_run(find_another, NULL);
}

static int
detach_without_leave(void *arg)
{
	int is_protected;
	int fd;
	int before;

	(void)arg;
	become_ordinary();
	assert(ts_fd_open_folder(&fd, FOLDER) == 0);
	before = fd;
	assert(ts_subtree_detach(&fd, FOLDER, &is_protected) == -EPERM);
	assert(fd == before && number_of(fd, "passwd") > 0);
	return 0;
}

static void
an_ordinary_user_is_told_no(void **state)
{
	(void)state;
	process_run(detach_without_leave, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_dots_lead_out_of_it),
		cmocka_unit_test(it_is_opened_again_in_another_mount_namespace),
		cmocka_unit_test(what_is_mounted_beneath_it_is_there),
		cmocka_unit_test(
		    it_is_read_only_with_all_that_is_mounted_beneath),
		cmocka_unit_test(
		    what_is_mounted_later_is_not_there_and_what_is_unmounted_goes),
		cmocka_unit_test(another_is_not_taken_for_it),
		cmocka_unit_test(an_ordinary_user_is_told_no),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
