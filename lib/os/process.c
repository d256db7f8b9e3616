/* SPDX-License-Identifier: MIT */
/* Making processes, putting a child in order, and collecting it. */
#include "os/process.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "os/fd.h"

pid_t
ts_spawn(void)
{
	pid_t pid;

	pid = fork();
	return pid < 0 ? -errno : pid;
}

pid_t
ts_process_fork_sharing(void)
{
	long pid;

	pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0UL, 0UL, 0UL, 0UL);
	return pid < 0 ? -errno : (pid_t)pid;
}

int
ts_process_unshare_fds(unsigned first)
{
	if (close_range(first, ~0U, CLOSE_RANGE_UNSHARE) < 0)
		return -errno;
	return 0;
}

/*
 * `fd` becomes `number`; without `fd`, nothing is there.  Only 0 to 2 are
 * for a program that the child may become.
 */
static int
place(int fd, int number)
{
	int flags = number > STDERR_FILENO ? O_CLOEXEC : 0;

	if (fd == number)
		return 0;
	if (fd < 0) {
		(void)close(number);
		return 0;
	}
	return dup3(fd, number, flags) < 0 ? -errno : 0;
}

int
ts_spawn_settle(const struct ts_spawn_move *moves, unsigned count, int highest)
{
	int r;

	for (unsigned i = 0; i < count; i++) {
		r = place(moves[i].fd, moves[i].number);
		if (r < 0)
			return r;
	}
	if (close_range(STDERR_FILENO + 1, TS_FD_CHILD_MOST, 0) < 0 ||
	    close_range((unsigned)highest + 1, ~0U, 0) < 0)
		return -errno;
	return 0;
}

pid_t
ts_process_reap(int *ret_status)
{
	pid_t pid;

	pid = waitpid(-1, ret_status, WNOHANG);
	return pid > 0 ? pid : 0;
}

void
ts_spawn_kill(pid_t pid, int signal_number)
{
	(void)kill(pid, signal_number);
}

int64_t
ts_process_cpu_ns(pid_t pid)
{
	/* The clock that clock_getcpuclockid(3) returns, without asking first
	 * whether there is one. */
	clockid_t clock = (clockid_t)(~(unsigned)pid << 3 | 2);
	struct timespec used = { 0 };

	(void)clock_gettime(clock, &used);
	return used.tv_sec * 1000000000 + used.tv_nsec;
}

void
ts_spawn_end(pid_t pid, int most_ms)
{
	struct pollfd end = { .events = POLLIN };

	end.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (end.fd < 0 || poll(&end, 1, most_ms) <= 0)
		ts_spawn_kill(pid, SIGKILL);
	ts_fd_close(&end.fd);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

uint32_t
ts_spawn_most_descriptors(void)
{
	struct rlimit limit = { .rlim_max = 0 };

	(void)getrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_max > INT32_MAX ? INT32_MAX
					  : (uint32_t)limit.rlim_max;
}

void
ts_spawn_raise_descriptors(uint32_t wanted)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	/* Only root may raise the hard limit as well. */
	if (limit.rlim_max < wanted) {
		const struct rlimit more = { wanted, wanted };

		if (setrlimit(RLIMIT_NOFILE, &more) == 0)
			return;
	}
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

int
ts_spawn_secret(void *bytes, size_t size)
{
	ssize_t n;

	n = getrandom(bytes, size, 0);
	if (n < 0)
		return -errno;
	return (size_t)n == size ? 0 : -EIO;
}
