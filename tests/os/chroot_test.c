/* SPDX-License-Identifier: MIT */
/* A root directory in which there is nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <assert.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "forked.h"
#include "os/chroot.h"
#include "os/fd.h"
#include "os/namespaces.h"

static void
an_empty_folder_has_no_name_and_takes_nothing(void **state)
{
	struct stat status;
	int fd;

	(void)state;
	assert_int_equal(ts_root_open_empty(&fd), 0);
	assert_true(fd >= TS_FD_PARENT);
	assert_true(process_is_cloexec(fd));
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_nlink, 0);
	assert_int_equal(openat(fd, "x", O_CREAT | O_WRONLY, 0600), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(mkdirat(fd, "x", 0700), -1);
	assert_int_equal(errno, ENOENT);
	(void)close(fd);
}

static void
be_allowed_to(void)
{
	if (getuid() != 0)
		assert(ts_namespaces_leave_users() == 0);
}

static int
enter_empty(void *arg)
{
	int fd;

	(void)arg;
	assert(ts_root_open_empty(&fd) == 0);
	be_allowed_to();
	assert(ts_root_enter(fd) == 0);
	(void)close(fd);
	assert(open("/etc/passwd", O_RDONLY) == -1 && errno == ENOENT);
	assert(open("etc/passwd", O_RDONLY) == -1 && errno == ENOENT);
	assert(open("../../../etc/passwd", O_RDONLY) == -1);
	assert(open("/new", O_CREAT | O_WRONLY, 0600) == -1 && errno == ENOENT);
	assert(mkdir("/new", 0700) == -1);
	return 0;
}

/* Whether an ordinary user may: not in every container. */
static int
try_namespace(void *arg)
{
	(void)arg;
	return ts_namespaces_leave_users() == 0 ? 0 : 1;
}

static void
skip_where_nobody_may(void)
{
	if (getuid() == 0 ||
	    process_wait(process_start(try_namespace, NULL),
		PROCESS_LIMIT_MS) == 0)
		return;
	print_message("user namespaces are missing\n");
	skip();
}

static void
nothing_is_in_reach_of_an_empty_root(void **state)
{
	(void)state;
	skip_where_nobody_may();
	process_run(enter_empty, NULL);
}

static int
enter_etc(void *arg)
{
	int fd;

	(void)arg;
	assert(ts_fd_open_folder(&fd, "/etc") == 0);
	be_allowed_to();
	assert(ts_root_enter(fd) == 0);
	assert(open("/passwd", O_RDONLY | O_CLOEXEC) >= 0);
	/* The current directory is within. */
	assert(open("passwd", O_RDONLY | O_CLOEXEC) >= 0);
	assert(open("../etc/passwd", O_RDONLY | O_CLOEXEC) == -1);
	return 0;
}

static void
what_is_in_the_root_is_in_reach(void **state)
{
	(void)state;
	skip_where_nobody_may();
	process_run(enter_etc, NULL);
}

static int
enter_without_leave(void *arg)
{
	int fd;

	(void)arg;
	assert(ts_fd_open_folder(&fd, "/etc") == 0);
	if (getuid() == 0)
		assert(setresuid(65534, 65534, 65534) == 0);
	assert(ts_root_enter(fd) == -EPERM);
	return 0;
}

static void
an_ordinary_user_is_told_no(void **state)
{
	(void)state;
	process_run(enter_without_leave, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_folder_has_no_name_and_takes_nothing),
		cmocka_unit_test(nothing_is_in_reach_of_an_empty_root),
		cmocka_unit_test(what_is_in_the_root_is_in_reach),
		cmocka_unit_test(an_ordinary_user_is_told_no),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
