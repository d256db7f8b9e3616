/* SPDX-License-Identifier: MIT */
/*
 * Turns: what only so many processes may do at the same time.
 *
 * A turn is a record lock (fcntl(2)) on one byte, which need not be there.
 * Its owner is the process, so the kernel gives it back however that ends.
 */
#include "os/permits.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include "os/fd.h"
#include "os/poller.h"

/* Between two looks: at first, and at most, by doubling. */
#define FIRST_LOOK_MS 10
#define LAST_LOOK_MS 50

int
ts_turns_open(int *ret_fd)
{
	int fd;

	fd = memfd_create("turns", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return -errno;
	/* It is shared by all children: nothing is ever left in it. */
	if (fcntl(fd, F_ADD_SEALS,
		F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_WRITE | F_SEAL_SEAL) < 0) {
		int error = -errno;

		(void)close(fd);
		return error;
	}
	return ts_fd_raise(ret_fd, fd, TS_FD_PARENT);
}

/* Whether turn `index` was free, and now is ours. */
static int
try_one(int fd, uint32_t index)
{
	struct flock turn = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = (off_t)index,
		.l_len = 1,
	};

	if (fcntl(fd, F_SETLK, &turn) == 0)
		return 1;
	return errno == EAGAIN || errno == EACCES ? 0 : -errno;
}

/* Each process begins elsewhere, so that most find one at once. */
static int
try_all(int fd, uint32_t count)
{
	uint32_t first = (uint32_t)getpid() % count;
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < count; i++)
		r = try_one(fd, (first + i) % count);
	return r;
}

/* Returns whether that connection is still there, which is then worth it. */
static bool
wait_ms(int connection_fd, int ms)
{
	/* Its end alone is waited for, which need not be asked for. */
	struct pollfd end = { .fd = connection_fd };

	return poll(&end, 1, ms) <= 0;
}

int
ts_turns_take(int fd, uint32_t count, uint32_t timeout_ms, int connection_fd)
{
	struct ts_monotime end =
	    ts_monotime_add_ms(ts_poller_now(), timeout_ms);
	int look_ms = FIRST_LOOK_MS;
	int left_ms;
	int r;

	for (;;) {
		r = try_all(fd, count);
		if (r != 0)
			return r;
		left_ms = ts_monotime_wait_ms(end, ts_poller_now());
		if (left_ms == 0)
			return 0;
		if (!wait_ms(connection_fd,
			left_ms < look_ms ? left_ms : look_ms))
			return -ECONNRESET;
		look_ms =
		    look_ms < LAST_LOOK_MS / 2 ? 2 * look_ms : LAST_LOOK_MS;
	}
}

void
ts_turns_end(int fd)
{
	struct flock all = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	(void)fcntl(fd, F_SETLK, &all);
}
