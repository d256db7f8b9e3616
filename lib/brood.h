/* SPDX-License-Identifier: MIT */
/*
 * The children: admitted, started, collected, expired.
 *
 * Entered in the table before the fork, taken out when it fails or when the
 * child is collected: the table is the only count there is.
 */
#ifndef TS_BROOD_H
#define TS_BROOD_H

#include "child.h"
#include "core/children.h"
#include "core/deadline.h"
#include "core/metrics.h"
#include "core/srclimit.h"
#include "os/table.h"

/* Whether a connection may have a child. */
enum ts_admission {
	TS_ADMITTED,
	/* All children are taken. */
	TS_REFUSED_FULL,
	/* Its source has its share. */
	TS_REFUSED_SOURCE,
	/* The fork has failed. */
	TS_REFUSED_FORK,
};

struct ts_brood {
	struct ts_children children;
	struct ts_deadline deadline;
	struct ts_srclimit limit;
	/* The memory of the three. */
	struct ts_table table;
	/* UINT32_MAX: for ever. */
	uint32_t lifetime_ms;
	struct ts_child_context context;
	struct ts_metrics *metrics;
	struct ts_logger *logger;
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

/* Only when there is no child left. */
void ts_brood_close(struct ts_brood *brood);

/*
 * Starts a child for `connection`, which stays the caller's to close.
 * *ret_error is what fork(2) said, with TS_REFUSED_FORK.
 */
enum ts_admission ts_brood_start(struct ts_brood *brood,
    const struct ts_connection *connection, struct ts_monotime now,
    int *ret_error);

/*
 * Collects every child that has ended.  Returns how many.
 * *ret_has_other is set when the child `other` was among them.
 */
unsigned ts_brood_collect(struct ts_brood *brood, pid_t other,
    bool *ret_has_other);

/* Kills those whose time is over. */
void ts_brood_expire(struct ts_brood *brood, struct ts_monotime now);

/* Kills all. */
void ts_brood_dismiss(struct ts_brood *brood);

/* Passes a request to stop on to all: who waits for a client hears it. */
void ts_brood_ask_to_stop(struct ts_brood *brood);

/* How many there are. */
uint32_t ts_brood_count(const struct ts_brood *brood);

#endif
