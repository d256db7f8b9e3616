/* SPDX-License-Identifier: MIT */
/*
 * Ends many children together and counts: how many times SIGCHLD arrives, and
 * how many children are collected by one wait per signal, or by asking until
 * there is none left.
 *
 *	coalesce one|loop COUNT
 */
#include <sys/pidfd.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT_MOST 1000

static volatile sig_atomic_t signals;
static volatile sig_atomic_t collected;

static void
collect_one(int number)
{
	(void)number;
	signals++;
	if (waitpid(-1, NULL, WNOHANG) > 0)
		collected++;
}

static void
collect_all(int number)
{
	(void)number;
	signals++;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		collected++;
}

static void
die(const char *step)
{
	perror(step);
	exit(1);
}

/* A child that lives until the other end of the pipe is closed. */
static pid_t
start_child(const int start_gun[2])
{
	char byte;
	pid_t pid = fork();

	if (pid == -1)
		die("fork");
	if (pid > 0)
		return pid;
	(void)close(start_gun[1]);
	(void)!read(start_gun[0], &byte, 1);
	_exit(0);
}

/* A descriptor of a process becomes readable when it has ended. */
static void
await_end_of_all(const int pid_fds[], int count)
{
	for (int i = 0; i < count; i++) {
		struct pollfd end = { .fd = pid_fds[i], .events = POLLIN };

		/* Interrupted by the very signals that are counted. */
		while (poll(&end, 1, -1) != 1)
			continue;
	}
}

static void
end_together(int count)
{
	int start_gun[2];
	int pid_fds[COUNT_MOST];
	siginfo_t info;

	if (pipe(start_gun) == -1)
		die("pipe");
	for (int i = 0; i < count; i++) {
		pid_fds[i] = pidfd_open(start_child(start_gun), 0);
		if (pid_fds[i] == -1)
			die("pidfd_open");
	}
	(void)close(start_gun[1]);
	await_end_of_all(pid_fds, count);
	/*
	 * The last signal is sent under the lock that this call takes: after
	 * it, none is still on its way.
	 */
	(void)waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT);
}

int
main(int argc, char *argv[])
{
	struct sigaction action = { .sa_flags = SA_NOCLDSTOP | SA_RESTART };
	long count = argc == 3 ? strtol(argv[2], NULL, 10) : 0;

	if (count < 1 || count > COUNT_MOST) {
		(void)fprintf(stderr, "usage: coalesce one|loop COUNT\n");
		return 2;
	}
	action.sa_handler =
	    strcmp(argv[1], "loop") == 0 ? collect_all : collect_one;
	(void)sigemptyset(&action.sa_mask);
	if (sigaction(SIGCHLD, &action, NULL) == -1)
		die("sigaction");
	end_together((int)count);
	printf("signals=%d collected=%d left=%ld\n", (int)signals,
	    (int)collected, count - collected);
	return 0;
}
