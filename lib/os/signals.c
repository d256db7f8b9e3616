/* SPDX-License-Identifier: MIT */
/* Signals as a descriptor (signalfd(2)). */
#include "os/signals.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "os/fd.h"

/* Most signals taken by one read(2). */
#define BATCH 16

/* In a child: what it was asked for while it waited. */
static volatile sig_atomic_t was_told_to_stop;
static volatile sig_atomic_t was_asked;

static void
note_stop(int number)
{
	(void)number;
	was_told_to_stop = 1;
}

static void
note_request(int number)
{
	(void)number;
	was_asked = 1;
}

static void
add_stops(sigset_t *set)
{
	(void)sigaddset(set, SIGTERM);
	(void)sigaddset(set, SIGINT);
}

/* What the parent answers, and nobody else. */
static void
add_requests(sigset_t *set)
{
	add_stops(set);
	(void)sigaddset(set, SIGHUP);
	(void)sigaddset(set, SIGUSR1);
}

/*
 * While a signal is blocked the kernel keeps it, also where it is ignored; so
 * what was ignored before must not be read.
 */
static bool
is_ignored(int number)
{
	struct sigaction now = { .sa_handler = SIG_DFL };

	(void)sigaction(number, NULL, &now);
	return now.sa_handler == SIG_IGN;
}

/* In addition what the parent asks of a child, held back but in a wait. */
static void
add_held(sigset_t *set)
{
	add_requests(set);
	(void)sigaddset(set, SIGUSR2);
}

static int
open_fd(int *ret_fd, const sigset_t *set)
{
	int fd;

	fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	return ts_fd_raise(ret_fd, fd, TS_FD_PARENT);
}

static void
put_back(const struct ts_signals *signals)
{
	(void)sigaction(SIGTERM, &signals->old_term, NULL);
	(void)sigaction(SIGINT, &signals->old_int, NULL);
	(void)sigaction(SIGCHLD, &signals->old_child, NULL);
	(void)sigaction(SIGUSR2, &signals->old_usr2, NULL);
	(void)sigprocmask(SIG_SETMASK, &signals->old_mask, NULL);
}

void
ts_signals_hold(sigset_t *ret_old_mask)
{
	sigset_t requests;

	(void)sigemptyset(&requests);
	add_requests(&requests);
	(void)sigprocmask(SIG_BLOCK, &requests, ret_old_mask);
}

void
ts_signals_release(const sigset_t *old_mask)
{
	(void)sigprocmask(SIG_SETMASK, old_mask, NULL);
}

int
ts_signals_open(struct ts_signals *ret_signals)
{
	struct ts_signals signals = { .fd = -1 };
	const struct sigaction quiet = { .sa_handler = note_stop };
	const struct sigaction ask = { .sa_handler = note_request };
	const struct sigaction standard = { .sa_handler = SIG_DFL };
	sigset_t set;
	int r;

	(void)sigemptyset(&set);
	/* SIGUSR2 too: a child that is asked before it has a mask of its own
	 * would otherwise have handled that before it waits. */
	add_held(&set);
	(void)sigaddset(&set, SIGCHLD);
	(void)sigaddset(&set, SIGPIPE);
	if (sigprocmask(SIG_BLOCK, &set, &signals.old_mask) < 0)
		return -errno;
	(void)sigaction(SIGTERM, &quiet, &signals.old_term);
	(void)sigaction(SIGINT, &quiet, &signals.old_int);
	(void)sigaction(SIGCHLD, &standard, &signals.old_child);
	(void)sigaction(SIGUSR2, &ask, &signals.old_usr2);
	if (is_ignored(SIGHUP))
		(void)sigdelset(&set, SIGHUP);
	r = open_fd(&signals.fd, &set);
	if (r < 0) {
		put_back(&signals);
		return r;
	}
	*ret_signals = signals;
	return 0;
}

void
ts_signals_close(struct ts_signals *signals)
{
	if (signals->fd < 0)
		return;
	(void)ts_signals_read(signals);
	put_back(signals);
	ts_fd_close(&signals->fd);
}

static void
note(struct ts_signals_seen *seen, int number)
{
	switch (number) {
	case SIGCHLD:
		seen->child = true;
		break;
	case SIGHUP:
		seen->hangup = true;
		break;
	case SIGUSR1:
		seen->report = true;
		break;
	case SIGINT:
	case SIGTERM:
		seen->stops++;
		break;
	default:
		/* SIGUSR2 is for children; and of SIGPIPE write(2) tells. */
		break;
	}
}

struct ts_signals_seen
ts_signals_read(struct ts_signals *signals)
{
	struct ts_signals_seen seen = { .child = false };
	struct signalfd_siginfo batch[BATCH];
	ssize_t n;

	n = read(signals->fd, batch, sizeof(batch));
	for (size_t i = 0; n > 0 && i < (size_t)n / sizeof(batch[0]); i++)
		note(&seen, (int)batch[i].ssi_signo);
	return seen;
}

void
ts_signals_child(const struct ts_signals *signals)
{
	sigset_t mask = signals->old_mask;

	add_held(&mask);
	(void)sigprocmask(SIG_SETMASK, &mask, NULL);
}

void
ts_signals_block_all(void)
{
	sigset_t all;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
}

int
ts_signals_wait_input(int fd, unsigned timeout_ms)
{
	struct pollfd input = { .fd = fd, .events = POLLIN };
	struct timespec timeout = {
		.tv_sec = timeout_ms / 1000,
		.tv_nsec = (long)(timeout_ms % 1000) * 1000000,
	};
	sigset_t mask;
	int n;

	(void)sigprocmask(SIG_SETMASK, NULL, &mask);
	(void)sigdelset(&mask, SIGTERM);
	(void)sigdelset(&mask, SIGINT);
	(void)sigdelset(&mask, SIGUSR2);
	n = ppoll(&input, 1, &timeout, &mask);
	if (n < 0 && errno == EINTR && was_told_to_stop != 0) {
		was_told_to_stop = 0;
		return -ECANCELED;
	}
	return n < 0 ? -errno : n;
}

bool
ts_signals_was_asked(void)
{
	sigset_t pending;

	/* A child that never waits has no other way to find out. */
	if (was_asked == 0 && sigpending(&pending) == 0 &&
	    sigismember(&pending, SIGUSR2) == 1)
		was_asked = 1;
	return was_asked != 0;
}
