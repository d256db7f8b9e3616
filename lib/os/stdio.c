/* SPDX-License-Identifier: MIT */
/* Descriptors 0 to 2: never free, so that no socket can become one. */
#include "os/stdio.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#include "os/fd.h"

static bool
are_open(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			return false;
	return true;
}

int
ts_stdio_sanitise(void)
{
	int fd;

	/* Where nothing is to be opened, /dev/null may be missing here. */
	if (are_open())
		return 0;
	/* open() takes the lowest free number: so until that is above 2. */
	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		if (fd <= STDERR_FILENO && fcntl(fd, F_SETFD, 0) < 0)
			return -errno;
	} while (fd <= STDERR_FILENO);
	(void)close(fd);
	return 0;
}

int
ts_stdio_open_null(int *ret_fd, int lowest)
{
	int fd;

	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return ts_fd_raise(ret_fd, fd, lowest);
}
