/* SPDX-License-Identifier: MIT */
/* Descriptors are moved, copied and closed as they should be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/resource.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "forked.h"
#include "os/fd.h"

static int
open_low(void)
{
	int fd = open("/dev/null", O_RDWR);

	assert(fd >= 0 && fd < 40);
	return fd;
}

static void
a_low_one_is_moved(void **state)
{
	int low = open_low();
	int fd = -7;

	(void)state;
	assert_int_equal(ts_fd_raise(&fd, low, 40), 0);
	assert_true(fd >= 40);
	assert_true(process_is_cloexec(fd));
	assert_false(process_is_open(low));
	ts_fd_close(&fd);
}

static void
a_high_one_stays(void **state)
{
	int high = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 50);
	int fd = -7;

	(void)state;
	assert_int_equal(ts_fd_raise(&fd, high, 50), 0);
	assert_int_equal(fd, high);
	assert_true(process_is_open(high));
	ts_fd_close(&fd);
}

/* No number is left at or above the lowest that is wanted. */
static int
raise_beyond_the_limit(void *arg)
{
	const struct rlimit few = { 20, 20 };
	int low = open_low();
	int fd = -7;

	(void)arg;
	assert(setrlimit(RLIMIT_NOFILE, &few) == 0);
	assert(ts_fd_copy(&fd, low, 20) < 0);
	assert(fd == -7 && process_is_open(low));
	assert(ts_fd_raise(&fd, low, 20) < 0);
	assert(fd == -7 && !process_is_open(low));
	return 0;
}

static void
it_is_closed_where_it_cannot_be_moved(void **state)
{
	(void)state;
	process_run(raise_beyond_the_limit, NULL);
}

static void
a_copy_leaves_the_first_open(void **state)
{
	int low = open_low();
	int fd = -7;

	(void)state;
	assert_int_equal(ts_fd_copy(&fd, low, 40), 0);
	assert_true(fd >= 40);
	assert_true(process_is_cloexec(fd));
	assert_true(process_is_open(low));
	ts_fd_close(&fd);
	ts_fd_close(&low);
}

static void
there_is_no_copy_of_nothing(void **state)
{
	int fd = -7;

	(void)state;
	assert_int_equal(ts_fd_copy(&fd, -1, 40), -EBADF);
	assert_int_equal(fd, -7);
}

static void
closing_leaves_minus_one(void **state)
{
	int fd = open_low();
	int number = fd;

	(void)state;
	ts_fd_close(&fd);
	assert_int_equal(fd, -1);
	assert_false(process_is_open(number));
	ts_fd_close(&fd);
	assert_int_equal(fd, -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_low_one_is_moved),
		cmocka_unit_test(a_high_one_stays),
		cmocka_unit_test(it_is_closed_where_it_cannot_be_moved),
		cmocka_unit_test(a_copy_leaves_the_first_open),
		cmocka_unit_test(there_is_no_copy_of_nothing),
		cmocka_unit_test(closing_leaves_minus_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
