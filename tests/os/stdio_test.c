/* SPDX-License-Identifier: MIT */
/* Descriptors 0 to 2 are never free, whichever of them was closed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "forked.h"
#include "os/stdio.h"

static bool
is_null_device(int fd)
{
	struct stat status;

	return fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) &&
	    status.st_rdev == makedev(1, 3);
}

/* Bit n of *arg: descriptor n is closed at the start. */
static int
sanitise(void *arg)
{
	const unsigned closed = *(const unsigned *)arg;
	char after[PROCESS_FDS_SIZE];
	int pipe_fds[2];

	/* Something at 0 to 2 that is not the null device, and nothing else. */
	assert(pipe(pipe_fds) == 0);
	for (int fd = 0; fd <= 2; fd++)
		assert(dup2(pipe_fds[1], fd) == fd);
	assert(close_range(3, ~0U, 0) == 0);
	for (int fd = 0; fd <= 2; fd++)
		if (closed & 1U << fd)
			(void)close(fd);
	assert(ts_stdio_sanitise() == 0);
	for (int fd = 0; fd <= 2; fd++) {
		assert(is_null_device(fd) == ((closed & 1U << fd) != 0));
		assert(!process_is_cloexec(fd));
		if (closed & 1U << fd)
			assert((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR);
	}
	process_list_fds(after);
	assert(strcmp(after, "0 1 2") == 0);
	return 0;
}

static void
opens_those_that_are_closed_and_no_other(void **state)
{
	(void)state;
	for (unsigned closed = 0; closed < 8; closed++)
		process_run(sanitise, &closed);
}

static void
opens_the_null_device_out_of_the_way(void **state)
{
	int fd = -7;

	(void)state;
	assert_int_equal(ts_stdio_open_null(&fd, 30), 0);
	assert_true(fd >= 30);
	assert_true(is_null_device(fd));
	assert_true(process_is_cloexec(fd));
	(void)close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_those_that_are_closed_and_no_other),
		cmocka_unit_test(opens_the_null_device_out_of_the_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
