/* SPDX-License-Identifier: MIT */
/*
 * Two effects of a signal handler on the code that it interrupts.
 *
 *	interrupted errno	a handler that changes errno
 *	interrupted saved	the same, but it restores errno
 *	interrupted eintr	read(2) without SA_RESTART
 *	interrupted restart	read(2) with SA_RESTART
 */
#include <sys/time.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SIGNALS 20000
#define INTERVAL_US 50

static volatile sig_atomic_t signals;

/* Without children waitpid() fails, and errno becomes ECHILD. */
static void
change_errno(int number)
{
	(void)number;
	signals++;
	(void)waitpid(-1, NULL, WNOHANG);
}

static void
restore_errno(int number)
{
	int error = errno;

	change_errno(number);
	errno = error;
}

static void
handle(int number, void (*handler)(int number), int flags)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	(void)sigemptyset(&action.sa_mask);
	(void)sigaction(number, &action, NULL);
}

/* A call fails again and again, always for the same reason. */
static int
look_at_errno(void (*handler)(int number))
{
	const struct itimerval interval = {
		.it_interval.tv_usec = INTERVAL_US,
		.it_value.tv_usec = INTERVAL_US,
	};
	long looks = 0;
	long wrong = 0;
	char byte;

	handle(SIGALRM, handler, SA_RESTART);
	(void)setitimer(ITIMER_REAL, &interval, NULL);
	while (signals < SIGNALS) {
		if (read(-1, &byte, 1) == -1 && errno != EBADF)
			wrong++;
		looks++;
	}
	printf("read(-1) failed %ld times; errno was not EBADF %ld times\n",
	    looks, wrong);
	return 0;
}

static void
child_after(unsigned ms, int fd)
{
	if (fork() != 0)
		return;
	(void)usleep(ms * 1000);
	(void)!write(fd, "x", fd == -1 ? 0 : 1);
	_exit(0);
}

/* The first child only ends; the second sends what the parent waits for. */
static int
wait_for_byte(int flags)
{
	int ends[2];
	char byte;
	ssize_t n;

	handle(SIGCHLD, restore_errno, flags);
	if (pipe(ends) == -1)
		return 1;
	child_after(100, -1);
	child_after(400, ends[1]);
	n = read(ends[0], &byte, 1);
	printf("read() = %zd%s%s, signals: %d\n", n, n == -1 ? ": " : "",
	    n == -1 ? strerror(errno) : "", (int)signals);
	return 0;
}

int
main(int argc, char *argv[])
{
	const char *name = argc == 2 ? argv[1] : "";

	if (strcmp(name, "errno") == 0)
		return look_at_errno(change_errno);
	if (strcmp(name, "saved") == 0)
		return look_at_errno(restore_errno);
	if (strcmp(name, "eintr") == 0)
		return wait_for_byte(0);
	if (strcmp(name, "restart") == 0)
		return wait_for_byte(SA_RESTART);
	(void)fprintf(stderr, "usage: interrupted errno|saved|eintr|restart\n");
	return 2;
}
