/* SPDX-License-Identifier: MIT */
/*
 * The listeners: accepts connections, and pauses where accepting would spin.
 */
#ifndef TS_PARENT_ACCEPTOR_H
#define TS_PARENT_ACCEPTOR_H

#include "core/backoff.h"
#include "parent/dispatch.h"
#include "server.h"

/* While is_open, all listeners are in the poll set; otherwise none is. */
struct ts_acceptor {
	struct tcpserver *server;
	struct ts_poller *poller;
	struct ts_dispatch *dispatch;
	bool is_open;
	/* NEVER: it is open, or has been stopped for good. */
	struct ts_monotime resume_at;
	/* It waits for descriptors, which the end of a child may bring. */
	bool needs_descriptors;
	/* Failed accepts in a row that were the peers' fault. */
	unsigned passed_over;
	struct ts_backoff fork_backoff;
};

/* Puts the listeners into the poll set.  Fails with what epoll_ctl(2) says. */
int ts_acceptor_open(struct ts_acceptor *acceptor);

/* Takes the listeners out, for good; what waits in them is left to others. */
void ts_acceptor_stop(struct ts_acceptor *acceptor);

/* Accepts up to a batch of connections from listener `index`. */
void ts_acceptor_accept(struct ts_acceptor *acceptor, unsigned index,
    struct ts_monotime now);

/*
 * A fork has failed (`result` < 0): pauses, for longer each time; or has worked
 * (> 0); or there was none (0).
 */
void ts_acceptor_fork_result(struct ts_acceptor *acceptor, int result,
    struct ts_monotime now);

/* Goes on if a pause is over.  Returns whether it was. */
bool ts_acceptor_resume_if_due(struct ts_acceptor *acceptor,
    struct ts_monotime now);

/* Whether it leaves the listeners alone for a while. */
static inline bool
ts_acceptor_is_paused(const struct ts_acceptor *acceptor)
{
	return acceptor->resume_at.ns != TS_MONOTIME_NEVER.ns;
}

/* A child has ended: descriptors are free again. */
void ts_acceptor_child_ended(struct ts_acceptor *acceptor);

#endif
