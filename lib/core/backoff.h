/* SPDX-License-Identifier: MIT */
/*
 * How long to leave a thing alone that has just failed: 10 ms, then twice as
 * long each time up to 80 ms, and from the start again once it has worked.
 */
#ifndef TS_CORE_BACKOFF_H
#define TS_CORE_BACKOFF_H

#include <stdint.h>

#define TS_BACKOFF_FIRST_MS 10
#define TS_BACKOFF_LAST_MS 80

/* Zeroed: nothing has failed yet. */
struct ts_backoff {
	uint32_t last_ms;
};

/* It has failed.  Returns how long to wait, in milliseconds. */
static inline uint32_t
ts_backoff_fail(struct ts_backoff *backoff)
{
	if (backoff->last_ms == 0)
		backoff->last_ms = TS_BACKOFF_FIRST_MS;
	else if (backoff->last_ms < TS_BACKOFF_LAST_MS)
		backoff->last_ms *= 2;
	return backoff->last_ms;
}

/* It has worked. */
static inline void
ts_backoff_succeed(struct ts_backoff *backoff)
{
	backoff->last_ms = 0;
}

#endif
