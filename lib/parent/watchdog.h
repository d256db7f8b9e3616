/* SPDX-License-Identifier: MIT */
/*
 * Watches the connections of children from outside, by the kernel's statistics:
 * a child that is stopped, loops or was taken over ends in time as well.
 *
 * It judges, and changes nothing but what it knows itself: the caller kills.
 */
#ifndef TS_PARENT_WATCHDOG_H
#define TS_PARENT_WATCHDOG_H

#include "core/overload.h"
#include "parent/connections.h"
#include "parent/events.h"

struct ts_watchdog {
	struct ts_network_table *networks;
	struct ts_events *events;
	struct ts_progress_limits limits;
	/* Processor time of a child, beyond what moved bytes pay for. */
	uint32_t cpu_s;
	/* UINT32_MAX: for ever. */
	uint32_t lifetime_ms;
	bool client_speaks_first;
	/* Three quarters of the slots are held: one look each second. */
	bool is_frequent;
	/* Deadlines are halved for networks that weigh more than `heavy`. */
	struct ts_stress overload;
};

/* The child of connection `connection` has been started. */
void ts_watchdog_begin(struct ts_watchdog *watchdog,
    struct ts_connection *connection, struct ts_monotime now);

/* When to look at it first. */
struct ts_monotime ts_watchdog_first(const struct ts_watchdog *watchdog,
    const struct ts_connection *connection, struct ts_monotime now);

/*
 * Looks at connection `id`.  Returns TS_KILL_NONE and in *ret_next when to look
 * again, or why its child is to be killed.
 */
enum ts_kill_reason ts_watchdog_look(struct ts_watchdog *watchdog, uint32_t id,
    struct ts_connection *connection, struct ts_monotime now,
    struct ts_monotime *ret_next);

/*
 * So many of `slots` are held now: looks become frequent, and overload begins
 * or ends by that.  Returns whether looks have become frequent.
 */
bool ts_watchdog_update(struct ts_watchdog *watchdog, uint32_t held,
    uint32_t slots, struct ts_monotime now);

#endif
