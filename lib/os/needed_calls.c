/* SPDX-License-Identifier: MIT */
/* System calls that a server cannot do without, tried before it serves. */
#include "os/needed_calls.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NO_FD (-1L)
#define CALL(name, error, ...)                               \
	{                                                    \
#name, SYS_##name, { __VA_ARGS__ }, (error), \
	}
#define END                  \
	{                    \
		.name = NULL \
	}

/* An architecture that lacks an older call has the newer one beside it. */
const struct ts_needed_call ts_needed_by_servers[] = {
	CALL(accept4, EBADF, NO_FD),
	/* The first is above the last. */
	CALL(close_range, EINVAL, 1, 0),
	/* Old and new are the same. */
	CALL(dup3, EINVAL, NO_FD, NO_FD),
	CALL(epoll_ctl, EBADF, NO_FD, EPOLL_CTL_DEL, NO_FD),
#ifdef SYS_epoll_wait
	CALL(epoll_wait, EBADF, NO_FD, 0, 1),
#endif
	CALL(epoll_pwait, EBADF, NO_FD, 0, 1),
	CALL(getpid, 0, 0),
	CALL(getppid, 0, 0),
	CALL(getsockopt, EBADF, NO_FD),
	/* Signal 0 to a process that cannot exist. */
	CALL(kill, ESRCH, INT_MAX),
#ifdef SYS_poll
	CALL(poll, 0, 0),
#endif
	/* A time-out at an address that cannot be read. */
	CALL(ppoll, EFAULT, 0, 0, 1),
	CALL(recvfrom, EBADF, NO_FD),
	CALL(recvmsg, EBADF, NO_FD),
	CALL(sendto, EBADF, NO_FD),
	CALL(setsockopt, EBADF, NO_FD, 0, 0, 0, sizeof(int)),
	CALL(shutdown, EBADF, NO_FD),
	/* Options that there are not. */
	CALL(wait4, EINVAL, -1L, 0, INT_MAX),
	CALL(write, EBADF, NO_FD),
	END,
};

const struct ts_needed_call ts_needed_by_files[] = {
	CALL(fstat, EBADF, NO_FD),
	CALL(getdents64, EBADF, NO_FD),
	/* A struct open_how of no size. */
	CALL(openat2, EINVAL, NO_FD),
	CALL(pread64, EBADF, NO_FD),
	CALL(sendfile, EBADF, NO_FD, NO_FD),
	END,
};

static int
try_one(const struct ts_needed_call *call)
{
	const long *a = call->arguments;

	errno = 0;
	if (syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]) >= 0)
		return 0;
	return errno == call->expected ? 0 : -errno;
}

int
ts_needed_calls_try(const struct ts_needed_call *calls, const char **ret_name)
{
	for (; calls->name != NULL; calls++) {
		int r = try_one(calls);

		if (r < 0) {
			*ret_name = calls->name;
			return r;
		}
	}
	return 0;
}
