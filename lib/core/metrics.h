/* SPDX-License-Identifier: MIT */
/* What has happened so far, in numbers.  They only grow. */
#ifndef TS_CORE_METRICS_H
#define TS_CORE_METRICS_H

#include <stdint.h>

#include "core/exit_reason.h"
#include "core/srclimit.h"

struct ts_metrics {
	uint64_t accepted;
	/* What became of those that came, by the rule that decided. */
	uint64_t decided[TS_SRCLIMIT_RULES];
	/* Refused for want of a place. */
	uint64_t refused;
	uint64_t failed_accepts;
	uint64_t failed_forks;
	/* Children collected, by how they ended. */
	uint64_t ended[TS_ENDING_COUNT];
	/* Went straight from the listener to the lot, without a child. */
	uint64_t parked_wordless;
	/* Gone before there was anything to do for them. */
	uint64_t gone_wordless;
	/* Were to be parked, but the lot could not take them. */
	uint64_t unparked;
	/* Came back from the lot. */
	uint64_t resumed;
	/* Handed over by a child whose own they were not. */
	uint64_t false_parcels;
	/* Lots that have died, and the connections that were lost with them. */
	uint64_t lots_died;
	uint64_t lost_parked;
	/* How often stress has begun or ended. */
	uint64_t stress_switches;
	/* Collected, but in no table: there must be none. */
	uint64_t strangers;
	/* In the table, but no child of ours: there must be none either. */
	uint64_t leaked;
};

#endif
