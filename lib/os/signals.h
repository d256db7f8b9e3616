/* SPDX-License-Identifier: MIT */
/*
 * Signals as a descriptor (signalfd(2)): no handler ever runs in the parent.
 *
 * SIGTERM, SIGINT and SIGUSR2 have a handler that only notes them: a child that
 * unblocks them while it waits is woken by them, and not ended.  They are
 * blocked from the fork on, so none is noted before the wait that it is to end.
 * SIGUSR2 to the parent itself is read and ignored.  SIGCHLD has
 * its default: where it is ignored, as it may be by inheritance, the kernel
 * tells nobody of a child's end.  SIGPIPE is blocked in the parent: a reader
 * of its output that has gone makes write(2) fail, and does not end it.
 */
#ifndef TS_OS_SIGNALS_H
#define TS_OS_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

/* What has come since the last look; a signal that comes twice is one. */
struct ts_signals_seen {
	bool child;
	/* How many of SIGTERM and SIGINT. */
	unsigned stops;
	/* SIGUSR1. */
	bool report;
	/* SIGHUP, unless it was ignored at the start, as by nohup(1). */
	bool hangup;
};

struct ts_signals {
	int fd;
	/* What was in force before. */
	sigset_t old_mask;
	struct sigaction old_term;
	struct sigaction old_int;
	struct sigaction old_child;
	struct sigaction old_usr2;
};

/*
 * Holds SIGTERM, SIGINT, SIGHUP and SIGUSR1 back until ts_signals_open() takes
 * them over, or ts_signals_release() gives them back.
 */
void ts_signals_hold(sigset_t *ret_old_mask);
void ts_signals_release(const sigset_t *old_mask);

/* Fails with what sigprocmask(2), sigaction(2) or signalfd(2) says. */
int ts_signals_open(struct ts_signals *ret_signals);

/* Puts everything back as it was; harmless when fd is -1. */
void ts_signals_close(struct ts_signals *signals);

/* Reads all that is pending; does not wait. */
struct ts_signals_seen ts_signals_read(struct ts_signals *signals);

/*
 * In a child: the mask of before, but with SIGTERM, SIGINT, SIGHUP, SIGUSR1 and
 * SIGUSR2 blocked: when a child ends is its parent's decision.
 */
void ts_signals_child(const struct ts_signals *signals);

/* In the logger: every signal that can be is blocked for good. */
void ts_signals_block_all(void);

/*
 * Waits for input on `fd`, at most `timeout_ms`; only while it waits are
 * SIGTERM, SIGINT and SIGUSR2 delivered, so none is missed just before.
 * Returns 1 (input, or the end of it), 0 (time is over), -ECANCELED (SIGTERM or
 * SIGINT, now or earlier), or what ppoll(2) says: -EINTR for any other signal.
 */
int ts_signals_wait_input(int fd, unsigned timeout_ms);

/*
 * In a child: whether the parent has asked for its slot (SIGUSR2), whether that
 * was delivered yet or not.
 */
bool ts_signals_was_asked(void);

#endif
