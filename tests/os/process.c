/* SPDX-License-Identifier: MIT */
/* Processes for tests: bodies that run in a child, and what is seen of them. */
#include "process.h"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
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

static int
compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

void
process_list_fds(char list[PROCESS_FDS_SIZE], pid_t pid)
{
	int fds[PROCESS_FDS_SIZE / 2] = { 0 };
	size_t count = 0;
	size_t n = 0;
	char path[64];
	struct dirent *entry;
	DIR *dir;

	(void)snprintf(path, sizeof(path), "/proc/%d/fd",
	    pid != 0 ? pid : getpid());
	dir = opendir(path);
	assert(dir != NULL);
	for (entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
		int fd = (int)strtol(entry->d_name, NULL, 10);

		if (entry->d_name[0] == '.' || (pid == 0 && fd == dirfd(dir)))
			continue;
		assert(count < sizeof(fds) / sizeof(fds[0]));
		fds[count++] = fd;
	}
	(void)closedir(dir);
	qsort(fds, count, sizeof(fds[0]), compare);
	list[0] = '\0';
	for (size_t i = 0; i < count && n < PROCESS_FDS_SIZE; i++)
		n += (size_t)snprintf(list + n, PROCESS_FDS_SIZE - n, "%s%d",
		    i > 0 ? " " : "", fds[i]);
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
