/* SPDX-License-Identifier: MIT */
/*
 * Reports what happens to connections: each kind of event is counted, and
 * logged with the connection's source and the reason; one kind at most once in
 * a minute, with the number of those that were not logged.
 */
#ifndef TS_PARENT_EVENTS_H
#define TS_PARENT_EVENTS_H

#include "core/loglimit.h"
#include "core/metrics.h"
#include "helpers/logger.h"
#include "parent/connections.h"

/* The events that are neither a refusal nor the end of a child. */
enum ts_event {
	TS_EVENT_WAITS,
	TS_EVENT_PARKED_EVICTED,
	TS_EVENT_STUCK,
	TS_EVENT_PENALTY,
	TS_EVENT_ACCEPT_FAILED,
	TS_EVENT_FORK_FAILED,
	TS_EVENT_OVERLOAD_BEGINS,
	TS_EVENT_OVERLOAD_ENDS,
	TS_EVENTS,
};

struct ts_events {
	struct ts_logger *logger;
	struct ts_metrics *metrics;
	struct ts_loglimit events[TS_EVENTS];
	struct ts_loglimit refusals[TS_REFUSALS];
	struct ts_loglimit kills[TS_KILL_REASONS];
};

/* A connection is refused. */
void ts_events_refused(struct ts_events *events,
    const struct ts_connection *connection, enum ts_refusal refusal,
    struct ts_monotime now);

/* The child of a connection is killed; `for_whom` is NULL, or the newcomer. */
void ts_events_killed(struct ts_events *events,
    const struct ts_connection *connection, enum ts_kill_reason reason,
    const struct ts_connection *for_whom, struct ts_monotime now);

/* Any other event: "what: about". */
void ts_events_report(struct ts_events *events, enum ts_event event,
    const char *what, const char *about, struct ts_monotime now);

/* The same about a connection. */
void ts_events_report_connection(struct ts_events *events, enum ts_event event,
    const char *what, const struct ts_connection *connection,
    struct ts_monotime now);

#endif
