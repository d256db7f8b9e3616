/* SPDX-License-Identifier: MIT */
/*
 * Once is enough: an event that repeats is said the first time, then counted
 * for a minute, then said again with that count.
 */
#ifndef TS_CORE_LOGLIMIT_H
#define TS_CORE_LOGLIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/monotime.h"

#define TS_LOGLIMIT_QUIET_MS 60000

/* One kind of event.  Zeroed: it has not been seen yet. */
struct ts_loglimit {
	struct ts_monotime quiet_until;
	uint64_t unsaid;
};

/*
 * It has happened.  Returns whether to say so; *ret_unsaid is then how often
 * it happened since it was last said, without being said.
 */
static inline bool
ts_loglimit_hit(struct ts_loglimit *limit, struct ts_monotime now,
    uint64_t *ret_unsaid)
{
	if (ts_monotime_is_before(now, limit->quiet_until)) {
		limit->unsaid++;
		return false;
	}
	*ret_unsaid = limit->unsaid;
	limit->unsaid = 0;
	limit->quiet_until = ts_monotime_add_ms(now, TS_LOGLIMIT_QUIET_MS);
	return true;
}

#endif
