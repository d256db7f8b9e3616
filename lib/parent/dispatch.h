/* SPDX-License-Identifier: MIT */
/*
 * Decides what becomes of a connection at each of its events: it is served,
 * waits, is parked, is refused, is closed.
 */
#ifndef TS_PARENT_DISPATCH_H
#define TS_PARENT_DISPATCH_H

#include "core/admission.h"
#include "core/penalties.h"
#include "parent/children.h"
#include "parent/lingering_close.h"
#include "parent/parking.h"
#include "parent/watchdog.h"

struct ts_dispatch {
	struct ts_connections *connections;
	struct ts_network_table *networks;
	struct ts_admission admission;
	struct ts_penalties *penalties;
	struct ts_children *children;
	struct ts_watchdog *watchdog;
	struct ts_parking *parking;
	struct ts_lingering_close *lingering;
	struct ts_events *events;
	struct ts_poller *poller;
	/* The tag of connection `id` in the poll set is first_tag + id. */
	uint64_t first_tag;
	/* Slots for one source at most; UINT32_MAX: as admission decides. */
	uint32_t most_of_source;
	uint32_t most_waiting;
	uint32_t wait_ms;
	bool client_speaks_first;
	/* Sent to refused clients; NULL: nothing. */
	const char *refusal;
	/* When children were last asked to give up their slots, and when those
	 * that were not are next; NEVER: nobody waits. */
	struct ts_monotime asked_at;
	struct ts_monotime ask_at;
};

/*
 * Connection `id` was just accepted, and is new.  Returns 1 if it is served, 0
 * if not yet; fails with what fork(2) says where it was refused for that.
 */
int ts_dispatch_accepted(struct ts_dispatch *dispatch, uint32_t id,
    struct ts_monotime now);

/*
 * The descriptor of connection `id`, which is parked, waits or lingers, is
 * ready.  Returns as above.
 */
int ts_dispatch_ready(struct ts_dispatch *dispatch, uint32_t id,
    struct ts_monotime now);

/* The deadline of connection `id` has come. */
void ts_dispatch_due(struct ts_dispatch *dispatch, uint32_t id,
    struct ts_monotime now);

/*
 * If it is time, and connections still wait for a slot: decides again on them,
 * and asks children to give theirs up.  Returns as above.
 */
int ts_dispatch_help_waiting(struct ts_dispatch *dispatch,
    struct ts_monotime now);

/* The child of a connection has ended. */
void ts_dispatch_ended(struct ts_dispatch *dispatch,
    const struct ts_child_end *end, struct ts_monotime now);

/* The handler of connection `id` has reported its client as abusive. */
void ts_dispatch_penalise(struct ts_dispatch *dispatch, uint32_t id,
    uint32_t points, struct ts_monotime now);

/* The child of connection `id` has sent messages that none should send. */
void ts_dispatch_reject(struct ts_dispatch *dispatch, uint32_t id,
    struct ts_monotime now);

/* Gives free slots to waiting connections.  Returns as above. */
int ts_dispatch_fill(struct ts_dispatch *dispatch, struct ts_monotime now);

/*
 * The server stops: parked connections whose clients have sent something are
 * served, the others closed in order.
 */
void ts_dispatch_stop(struct ts_dispatch *dispatch, struct ts_monotime now);

/* Kills every child, for the server stops. */
void ts_dispatch_kill_all(struct ts_dispatch *dispatch, struct ts_monotime now);

/* Closes every connection that has no child, at once. */
void ts_dispatch_drop_all(struct ts_dispatch *dispatch);

#endif
