/* SPDX-License-Identifier: MIT */
/* The names of counters. */
#include "core/metrics.h"

static const char *const refusal_names[TS_REFUSALS] = {
	[TS_REFUSAL_WAITED] = "waited",
	[TS_REFUSAL_CROWDED] = "crowded",
	[TS_REFUSAL_LIMIT] = "limit",
	[TS_REFUSAL_PENALTY] = "penalty",
	[TS_REFUSAL_FORK] = "fork",
};

const char *
ts_refusal_name(enum ts_refusal refusal)
{
	return refusal_names[refusal];
}
