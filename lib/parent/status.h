/* SPDX-License-Identifier: MIT */
/*
 * The status: on a unix socket, for whoever may connect to it, and in the log.
 *
 * A few requesters at a time, a second each: who asks slowly holds up others
 * who ask, but never the service.
 */
#ifndef TS_PARENT_STATUS_H
#define TS_PARENT_STATUS_H

#include "core/penalties.h"
#include "core/slots.h"
#include "helpers/logger.h"
#include "jail/jail.h"
#include "os/poller.h"
#include "parent/connections.h"
#include "parent/parking.h"
#include "parent/watchdog.h"

/* Most requesters at the same time, and how long each may take. */
#define TS_STATUS_REQUESTERS 4
#define TS_STATUS_MS 1000
/* Longest request line, with its end. */
#define TS_STATUS_LINE_BYTES 80

/* Who has connected and not yet said all; fd -1: nobody. */
struct ts_status_requester {
	int fd;
	size_t bytes;
	char line[TS_STATUS_LINE_BYTES];
};

/* While all places are taken, the listener is not in the poll set. */
struct ts_status {
	/* NULL: there is no socket, only the log. */
	const char *path;
	struct ts_place place_of_path;
	/* -1: none. */
	int fd;
	struct ts_status_requester requesters[TS_STATUS_REQUESTERS];
	struct ts_slots slots;
	uint32_t next[TS_STATUS_REQUESTERS];
	struct ts_deadline deadline;
	struct ts_deadline_entry heap[TS_STATUS_REQUESTERS];
	uint32_t place[TS_STATUS_REQUESTERS];
	bool is_heeded;
	/* When to heed the listener again that could not be accepted from. */
	struct ts_monotime resume_at;
	struct ts_poller *poller;
	/* Of the listener; those of the requesters follow it. */
	uint64_t first_tag;
	const struct ts_connections *connections;
	struct ts_network_table *networks;
	struct ts_penalties *penalties;
	const struct ts_parking *parking;
	const struct ts_watchdog *watchdog;
	const struct ts_metrics *metrics;
	uint32_t slot_count;
	struct ts_logger *logger;
	const struct ts_jail *jail;
};

/*
 * Opens the socket at status->path, if there is one; the fields that point to
 * others are set, and outlive it.  On failure nothing stays
 * open.  Fails with what ts_listen_open_private() or epoll_ctl(2) says.
 */
int ts_status_open(struct ts_status *status);

/* Closes all, and removes the path.  Harmless where fd is -1. */
void ts_status_close(struct ts_status *status);

/* Something is ready, by its tag from first_tag on. */
void ts_status_attend(struct ts_status *status, uint64_t tag,
    struct ts_monotime now);

/* When ts_status_expire() has something to do. */
struct ts_monotime ts_status_next(const struct ts_status *status);

/* Lets those go whose time is over. */
void ts_status_expire(struct ts_status *status, struct ts_monotime now);

/* Logs it all, a line for each number. */
void ts_status_log(const struct ts_status *status);

#endif
