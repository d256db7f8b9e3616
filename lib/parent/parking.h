/* SPDX-License-Identifier: MIT */
/*
 * The parent's side of parking: what goes to the lot, and what comes back.
 *
 * Children hand their connections to the parent, which knows whose is whose,
 * and so can tell whether a child hands over its own and no other; the parent
 * passes them on to the lot, and starts another lot when that has died.
 */
#ifndef TS_PARENT_PARKING_H
#define TS_PARENT_PARKING_H

#include "core/handoff.h"
#include "core/loglimit.h"
#include "helpers/parking_lot.h"
#include "os/poller.h"
#include "parent/children.h"

/* Where things come from; the tags of the parent's two ends. */
struct ts_parking_tags {
	uint64_t lot;
	uint64_t children;
};

struct ts_parking {
	struct ts_srclimit limit;
	/* How long those wait that have been served before. */
	uint32_t idle_ms;
	uint32_t listeners;
	int null_fd;
	struct ts_parking_tags tags;
	/* Of the pair with the lot; -1: there is no lot now. */
	int lot_fd;
	/* The children's end, and the parent's (-1: shut), of the other pair.
	 */
	int children_fd;
	int arrivals_fd;
	pid_t pid;
	struct ts_monotime retry_at;
	struct ts_lot_shared *shared;
	struct ts_poller *poller;
	struct ts_brood *brood;
	struct ts_metrics *metrics;
	struct ts_logger *logger;
	const struct ts_jail *jail;
	struct ts_loglimit said;
	bool is_stopping;
};

/*
 * Opens both ways and starts the lot, for options->max_parked connections.
 * What is pointed to outlives it; on failure nothing stays open.
 * Fails with what socketpair(2), mmap(2), epoll_ctl(2) or fork(2) says.
 */
int ts_parking_open(struct ts_parking *parking,
    const struct tcpserver_options *options);

/*
 * From here on nothing more comes, neither from children nor from the lot:
 * what children have handed over is with the lot, what comes back is to be
 * taken.  Then ts_parking_close().
 */
void ts_parking_stop(struct ts_parking *parking, struct ts_monotime now);

/* Ends the lot, and what is parked with it.  Harmless if it is not open. */
void ts_parking_close(struct ts_parking *parking);

/*
 * Sends a connection to the lot to wait `wait_ms` for its client.
 * Returns 0, and the caller closes its copy; or a negative errno, and the
 * connection is the caller's as before.
 */
int ts_parking_send(struct ts_parking *parking, int fd,
    const struct ts_parcel *parcel);

/*
 * Takes the next connection that comes back from the lot; the caller closes
 * it.  Returns 1, or 0 when there is none now.
 */
int ts_parking_take(struct ts_parking *parking,
    struct ts_connection *ret_connection);

/* Whether to listen to what comes back from the lot; as intake is open. */
int ts_parking_heed(struct ts_parking *parking);
void ts_parking_ignore(struct ts_parking *parking);

/*
 * Takes what children hand over, to be kept until they have ended; a child
 * that sends anything else, or more than once, is killed.
 */
void ts_parking_take_arrivals(struct ts_parking *parking,
    struct ts_monotime now);

/* To the lot, or to its end, with what a child that has ended handed over. */
void ts_parking_pass_on(struct ts_parking *parking, int fd,
    struct ts_parcel *parcel);

/* The lot has died: what was parked is lost; another is started later. */
void ts_parking_died(struct ts_parking *parking, struct ts_monotime now);

void ts_parking_restart_if_due(struct ts_parking *parking,
    struct ts_monotime now);

#endif
