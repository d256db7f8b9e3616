/* SPDX-License-Identifier: MIT */
/* Descriptors as such: where they are, and which a child keeps. */
#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

int
ts_fd_copy(int *ret_fd, int fd, int lowest)
{
	int copy;

	copy = fcntl(fd, F_DUPFD_CLOEXEC, lowest);
	/* A `lowest` that is beyond the limit is called an invalid argument. */
	if (copy < 0)
		return errno == EINVAL ? -EMFILE : -errno;
	*ret_fd = copy;
	return 0;
}

int
ts_fd_raise(int *ret_fd, int fd, int lowest)
{
	int r;

	if (fd >= lowest) {
		*ret_fd = fd;
		return 0;
	}
	r = ts_fd_copy(ret_fd, fd, lowest);
	(void)close(fd);
	return r;
}

int
ts_fd_open_folder(int *ret_fd, const char *path)
{
	int fd;

	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return ts_fd_raise(ret_fd, fd, TS_FD_PARENT);
}

int
ts_fd_may_read_folder(int fd)
{
	return faccessat(fd, ".", R_OK | X_OK, AT_EACCESS) < 0 ? -errno : 0;
}

bool
ts_fd_is_at_end(int fd)
{
	struct pollfd input = { .fd = fd, .events = POLLIN };
	int left_bytes = 0;

	if (poll(&input, 1, 0) != 1 || (input.revents & POLLHUP) == 0)
		return false;
	return ioctl(fd, FIONREAD, &left_bytes) < 0 || left_bytes == 0;
}

void
ts_fd_close(int *fd)
{
	if (*fd >= 0)
		(void)close(*fd);
	*fd = -1;
}
