/* SPDX-License-Identifier: MIT */
/*
 * The children: admitted, started, watched, collected.
 *
 * Entered in the table before the fork, taken out when it fails or when the
 * child is collected: the table is the only count there is.  A child that was
 * killed holds no place any more, but stays in the table until collected;
 * so that has twice as many entries as there are places.
 */
#ifndef TS_PARENT_CHILDREN_H
#define TS_PARENT_CHILDREN_H

#include "child/child.h"
#include "core/child_table.h"
#include "core/deadline.h"
#include "core/loglimit.h"
#include "core/metrics.h"
#include "core/overload.h"
#include "core/progress.h"
#include "core/srclimit.h"
#include "os/arena.h"
#include "os/sockdiag.h"

/* Whether a connection may have a child. */
enum ts_admission {
	TS_ADMITTED,
	/* There is no room, and nobody to make it. */
	TS_REFUSED_FULL,
	/* The fork has failed. */
	TS_REFUSED_FORK,
};

/* What the parent knows of a child's connection, to watch it from outside. */
struct ts_watched {
	struct ts_sockdiag_id id;
	struct ts_progress progress;
	struct ts_monotime end;
	/* The kernel did not know of it when it was last looked at. */
	bool is_gone;
	/*
	 * What the child has handed over (-1: nothing), which nobody touches
	 * before it has ended: until then it could still change it.
	 */
	int handed_fd;
	struct ts_parcel parcel;
};

struct ts_brood {
	struct ts_children children;
	struct ts_holders holders;
	struct ts_srclimit limit;
	/* When to look at whom next. */
	struct ts_deadline deadline;
	struct ts_watched *watched;
	/* The memory of all of these. */
	struct ts_table table;
	struct ts_progress_limits bounds;
	/* UINT32_MAX: for ever. */
	uint32_t lifetime_ms;
	bool client_speaks_first;
	struct ts_sockdiag *sockdiag;
	struct ts_stress stress;
	/* That it has ended, and that it has begun. */
	struct ts_loglimit said_stress[2];
	struct ts_child_context context;
	struct ts_metrics *metrics;
	struct ts_logger *logger;
	/* When to look next whether the table is true; see audit.c. */
	struct ts_monotime audit_at;
};

/*
 * Makes the tables for options->max_children.  `context`, `metrics` and
 * `logger` outlive the brood.
 * Fails with what mmap(2), madvise(2) or getrandom(2) says.
 */
int ts_brood_open(struct ts_brood *ret_brood,
    const struct tcpserver_options *options,
    const struct ts_child_context *context, struct ts_metrics *metrics,
    struct ts_logger *logger);

/* Only when there is no child left.  Harmless on a zeroed struct. */
void ts_brood_close(struct ts_brood *brood);

/*
 * Starts a child for `connection`, which stays the caller's to close; another
 * may have to go for it.  *ret_error is what fork(2) said, with
 * TS_REFUSED_FORK.
 */
enum ts_admission ts_brood_start(struct ts_brood *brood,
    const struct ts_connection *connection, struct ts_monotime now,
    int *ret_error);

/* The other children of the parent, and whether they were found dead. */
struct ts_brood_helpers {
	pid_t logger;
	pid_t lot;
	bool logger_died;
	bool lot_died;
	/*
	 * Called for each child that has ended before it is collected, while
	 * what it has handed over can still be told to be its own.
	 */
	void (*ended)(void *arg);
	/* Called with what a collected child has handed over; it closes fd. */
	void (*handed)(void *arg, int fd, struct ts_parcel *parcel);
	void *arg;
};

/* Collects every child that has ended.  Returns how many. */
unsigned ts_brood_collect(struct ts_brood *brood,
    struct ts_brood_helpers *helpers);

/* Takes entry `index` out of every table: the child is no more. */
void ts_brood_leave(struct ts_brood *brood, uint32_t index);

/*
 * Looks whether all that are in the table are children of this process, be
 * they alive or dead: one that is not was lost.  It is counted, said the first
 * time, and its place is free again.  See audit.c.
 */
void ts_brood_audit(struct ts_brood *brood);

/* Does so every ten seconds. */
void ts_brood_audit_if_due(struct ts_brood *brood, struct ts_monotime now);

/* A child of index `index` begins to be watched; see watch.c. */
void ts_brood_watch_begin(struct ts_brood *brood, uint32_t index,
    const struct ts_connection *connection, struct ts_monotime now);

/* Looks at those whose turn it is, and kills those that do not get on. */
void ts_brood_watch(struct ts_brood *brood, struct ts_monotime now);

/*
 * As many places are taken as there are now: stress may begin or end by that,
 * for the bounds of all, and for children that are started from now on.
 */
void ts_brood_update_stress(struct ts_brood *brood, struct ts_monotime now);

/* Kills child `index`, if it lives; its place is free at once. */
void ts_brood_kill(struct ts_brood *brood, uint32_t index,
    enum ts_child_sentence sentence);

/* Kills all. */
void ts_brood_dismiss(struct ts_brood *brood);

/* Passes a request to stop on to all: who waits for a client hears it. */
void ts_brood_ask_to_stop(struct ts_brood *brood);

/* How many there are, those that were killed included. */
uint32_t ts_brood_count(const struct ts_brood *brood);

#endif
