/* SPDX-License-Identifier: MIT */
/* Processes for tests: bodies that run in a child, and what is seen of them. */
#include "forked.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

pid_t
process_start(process_body *body, void *arg)
{
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		/* A test that fails leaves nobody behind. */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		_exit(body(arg));
	}
	return pid;
}

int
process_wait(pid_t pid, int limit_ms)
{
	struct pollfd end = { .events = POLLIN };
	int status;

	end.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	assert_true(end.fd >= 0);
	if (poll(&end, 1, limit_ms) != 1)
		(void)kill(pid, SIGKILL);
	(void)close(end.fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

void
process_run(process_body *body, void *arg)
{
	int status = process_wait(process_start(body, arg), PROCESS_LIMIT_MS);

	if (status != 0)
		fail_msg("the child ended with status %d, signal %d",
		    WEXITSTATUS(status), WTERMSIG(status));
}

bool
process_has_input(int fd, int limit_ms)
{
	struct pollfd input = { .fd = fd, .events = POLLIN };

	return poll(&input, 1, limit_ms) == 1;
}

void
process_kill(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	assert_true(fd >= 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_true(process_has_input(fd, PROCESS_LIMIT_MS));
	(void)close(fd);
}

int64_t
process_now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Descriptors are looked for below this. */
#define MOST_FDS 1024

void
process_list_fds(char list[PROCESS_FDS_SIZE])
{
	size_t n = 0;

	list[0] = '\0';
	for (int fd = 0; fd < MOST_FDS && n < PROCESS_FDS_SIZE; fd++)
		/* No copy can be there; but first it is looked for. */
		if (fcntl(fd, F_DUPFD_CLOEXEC, INT_MAX) < 0 && errno != EBADF)
			n += (size_t)snprintf(list + n, PROCESS_FDS_SIZE - n,
			    "%s%d", n > 0 ? " " : "", fd);
}

bool
process_is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

bool
process_is_cloexec(int fd)
{
	return (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0;
}
