/* SPDX-License-Identifier: MIT */
/*
 * A moment on the monotonic clock.
 *
 * A struct, so that it is never mixed up with a duration or with wall time:
 * durations are plain integers with their unit in the name.
 */
#ifndef TS_CORE_MONOTIME_H
#define TS_CORE_MONOTIME_H

#include <stdbool.h>
#include <stdint.h>

struct ts_monotime {
	int64_t ns;
};

/* A moment that does not come. */
#define TS_MONOTIME_NEVER ((struct ts_monotime){ INT64_MAX })

/* The moment `ms` later; NEVER stays NEVER. */
static inline struct ts_monotime
ts_monotime_add_ms(struct ts_monotime t, uint32_t ms)
{
	int64_t ns = (int64_t)ms * 1000000;

	if (t.ns > INT64_MAX - ns)
		return TS_MONOTIME_NEVER;
	return (struct ts_monotime){ t.ns + ns };
}

static inline bool
ts_monotime_is_before(struct ts_monotime a, struct ts_monotime b)
{
	return a.ns < b.ns;
}

/* Whether `moment` has come. */
static inline bool
ts_monotime_is_due(struct ts_monotime moment, struct ts_monotime now)
{
	return moment.ns <= now.ns && moment.ns != INT64_MAX;
}

static inline struct ts_monotime
ts_monotime_earlier(struct ts_monotime a, struct ts_monotime b)
{
	return ts_monotime_is_before(a, b) ? a : b;
}

/*
 * How long to wait for `moment`, in whole milliseconds rounded up, as poll(2)
 * takes it: 0 if it has come, -1 if it never comes.
 */
static inline int
ts_monotime_wait_ms(struct ts_monotime moment, struct ts_monotime now)
{
	int64_t ms;

	if (moment.ns == INT64_MAX)
		return -1;
	if (moment.ns <= now.ns)
		return 0;
	ms = (moment.ns - now.ns - 1) / 1000000 + 1;
	return ms > INT32_MAX ? INT32_MAX : (int)ms;
}

#endif
