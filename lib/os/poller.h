/* SPDX-License-Identifier: MIT */
/* Says what is ready, and what time it is (epoll(7), CLOCK_MONOTONIC). */
#ifndef TS_OS_POLLER_H
#define TS_OS_POLLER_H

#include <stdint.h>

#include "core/monotime.h"

/* Most events of one round. */
#define TS_POLLER_EVENTS 64

struct ts_poller {
	int fd;
};

/* What ts_poller_wait() brings: the tags of what is ready, and the time. */
struct ts_poller_round {
	uint64_t tags[TS_POLLER_EVENTS];
	unsigned count;
	struct ts_monotime now;
};

/* Fails with what epoll_create1(2) or fcntl(2) says. */
int ts_poller_open(struct ts_poller *ret_poller);

/* Harmless when fd is -1. */
void ts_poller_close(struct ts_poller *poller);

/* Watches `fd` for input, as `tag`.  Fails with what epoll_ctl(2) says. */
int ts_poller_add(struct ts_poller *poller, int fd, uint64_t tag);

/* Watches `fd` for its end alone: an error, or both directions closed. */
int ts_poller_add_end(struct ts_poller *poller, int fd, uint64_t tag);

/* Stops watching `fd`, which is still open. */
void ts_poller_remove(struct ts_poller *poller, int fd);

/*
 * Waits until something is ready or `until` has come.
 * Returns 0; a signal ends the round early, with nothing ready.  Fails with
 * what epoll_wait(2) says, which is a broken invariant.
 */
int ts_poller_wait(struct ts_poller *poller, struct ts_monotime until,
    struct ts_poller_round *ret_round);

/* The time now, for before the first round. */
struct ts_monotime ts_poller_now(void);

#endif
