/* SPDX-License-Identifier: MIT */
/*
 * The listeners: accepting, admitting, refusing; and pausing, where accepting
 * would only spin.
 */
#ifndef TS_PARENT_ACCEPTOR_H
#define TS_PARENT_ACCEPTOR_H

#include "core/backoff.h"
#include "core/loglimit.h"
#include "parent/children.h"
#include "parent/lingering_close.h"
#include "parent/parking.h"
#include "server.h"

/* Events that repeat, each with its own quiet time. */
enum ts_intake_event {
	TS_INTAKE_ACCEPT_FAILED,
	TS_INTAKE_FORK_FAILED,
	TS_INTAKE_REFUSED,
	TS_INTAKE_EVENTS,
};

/* While is_open, all listeners are in the poll set; else none of them. */
struct ts_intake {
	struct tcpserver *server;
	struct ts_poller *poller;
	struct ts_brood *brood;
	struct ts_farewell *farewell;
	struct ts_parking *parking;
	struct ts_logger *logger;
	struct ts_metrics *metrics;
	bool is_open;
	/* NEVER: it is open, or has been stopped for good. */
	struct ts_monotime resume_at;
	/* It waits for descriptors, which the end of a child may bring. */
	bool needs_descriptors;
	/* Failed accepts in a row that were the peer's fault. */
	unsigned passed_over;
	struct ts_backoff fork_backoff;
	struct ts_loglimit said[TS_INTAKE_EVENTS];
};

/* Puts the listeners into the poll set.  Fails with what epoll_ctl(2) says. */
int ts_intake_open(struct ts_intake *intake);

/* Takes the listeners out, for good; what waits in them is left to others. */
void ts_intake_stop(struct ts_intake *intake);

/* Accepts what waits in listener `index`, up to a handful. */
void ts_intake_accept(struct ts_intake *intake, unsigned index,
    struct ts_monotime now);

/* Takes back from the lot whose clients have spoken, up to a handful. */
void ts_intake_resume_parked(struct ts_intake *intake, struct ts_monotime now);

/* The same, as many as there are. */
void ts_intake_resume_all(struct ts_intake *intake, struct ts_monotime now);

/* Goes on if a pause is over. */
void ts_intake_resume_if_due(struct ts_intake *intake, struct ts_monotime now);

/* A child has ended: descriptors are free again. */
void ts_intake_child_ended(struct ts_intake *intake);

#endif
