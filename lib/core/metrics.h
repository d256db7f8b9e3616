/* SPDX-License-Identifier: MIT */
/* What has happened so far, in numbers.  They only grow. */
#ifndef TS_CORE_METRICS_H
#define TS_CORE_METRICS_H

#include <stdint.h>

#include "core/ending.h"

struct ts_metrics {
	uint64_t accepted;
	uint64_t refused_full;
	uint64_t refused_source;
	uint64_t failed_accepts;
	uint64_t failed_forks;
	/* Children collected, by how they ended. */
	uint64_t ended[TS_ENDING_COUNT];
	/* Collected, but in no table: there must be none. */
	uint64_t strangers;
};

#endif
