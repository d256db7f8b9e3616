/* SPDX-License-Identifier: MIT */
/*
 * Whether nearly all places are taken.  It begins above 80 % and ends below
 * 60 %: in between it stays as it was, so that it does not flicker.
 */
#ifndef TS_CORE_OVERLOAD_H
#define TS_CORE_OVERLOAD_H

#include <stdbool.h>
#include <stdint.h>

#define TS_STRESS_ON_PERCENT 80
#define TS_STRESS_OFF_PERCENT 60

/* Zeroed: there is none. */
struct ts_stress {
	bool is_on;
};

/*
 * So many of all places are taken now.  Returns whether it has begun or ended
 * by that.
 */
static inline bool
ts_stress_update(struct ts_stress *stress, uint32_t used, uint32_t all)
{
	uint64_t percents = (uint64_t)used * 100;
	bool was_on = stress->is_on;

	if (percents > (uint64_t)all * TS_STRESS_ON_PERCENT)
		stress->is_on = true;
	else if (percents < (uint64_t)all * TS_STRESS_OFF_PERCENT)
		stress->is_on = false;
	return stress->is_on != was_on;
}

#endif
