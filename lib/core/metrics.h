/* SPDX-License-Identifier: MIT */
/* Counters of what has happened so far.  They only grow. */
#ifndef TS_CORE_METRICS_H
#define TS_CORE_METRICS_H

#include <stdint.h>

#include "core/admission.h"
#include "core/exit_reason.h"

/* Why a connection was refused. */
enum ts_refusal {
	/* It waited for a slot for too long. */
	TS_REFUSAL_WAITED,
	/* No more connections can wait, and its networks claim the most. */
	TS_REFUSAL_CROWDED,
	/* Its source holds as many slots as the operator allows. */
	TS_REFUSAL_LIMIT,
	/* Its source is under penalty. */
	TS_REFUSAL_PENALTY,
	/* The fork has failed. */
	TS_REFUSAL_FORK,
	TS_REFUSALS,
};

/* The name of a refusal in reports: "waited", ... */
const char *ts_refusal_name(enum ts_refusal refusal);

struct ts_metrics {
	uint64_t accepted;
	/* Decisions on newcomers, by reason. */
	uint64_t decided[TS_ADMISSION_REASONS];
	uint64_t refused[TS_REFUSALS];
	/* Waiting connections that were given a slot. */
	uint64_t served_after_wait;
	/* Waiting connections whose clients went away. */
	uint64_t left_while_waiting;
	uint64_t failed_accepts;
	uint64_t failed_forks;
	/* Children reaped, by why they ended. */
	uint64_t ended[TS_EXIT_REASONS];
	/* Children that were killed and did not end within a second. */
	uint64_t stuck;
	/* Parked before their clients had sent anything. */
	uint64_t parked_silent;
	/* Parked connections by what ended it: the client sent something, or
	 * closed; their time was over; room was made for others; the server
	 * stopped. */
	uint64_t resumed;
	uint64_t parked_gone;
	uint64_t parked_expired;
	uint64_t parked_evicted;
	/* Parked, and reset since the client took the answer too slowly. */
	uint64_t parked_slow;
	/* Gone before there was anything to do for them. */
	uint64_t gone_silent;
	/* Messages of children that cannot be what they say. */
	uint64_t rejected_messages;
	/* How often overload has begun or ended. */
	uint64_t overload_switches;
	/* Processes reaped that the table does not know; as process 1 they may
	 * be orphans of others. */
	uint64_t unknown_children;
};

#endif
