/* SPDX-License-Identifier: MIT */
/*
 * Penalty points of sources, for abuse: a source with too many is refused.
 *
 * Points are for what no honest client causes: a child that crashed, a system
 * call that the jail forbids, and what a handler reports.  Slowness, deadlines
 * and refusals cost none.  Points halve every minute.
 *
 * The table has a fixed size.  A keyed hash assigns a source to a bucket of a
 * few entries, so each operation is O(1), and nobody can aim at a bucket.  In
 * a full bucket a new source replaces the one with the fewest points.
 */
#ifndef TS_CORE_PENALTIES_H
#define TS_CORE_PENALTIES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/monotime.h"
#include "core/network.h"
#include "core/siphash.h"

enum ts_penalty_points {
	TS_PENALTY_CRASH = 10,
	/* Whoever causes such a call tries to take the child over. */
	TS_PENALTY_FORBIDDEN_CALL = 50,
	/* The most that a handler can report at a time; at least 1. */
	TS_PENALTY_REPORTED_MOST = 100,
	/* With as many or more points a source is refused. */
	TS_PENALTY_THRESHOLD = 100,
	/* No source gets as many: 10 halvings make the threshold of them. */
	TS_PENALTY_MOST = TS_PENALTY_THRESHOLD << 10,
};

#define TS_PENALTY_HALF_LIFE_S 60
/* A source is refused for at most this long after its last points. */
#define TS_PENALTY_LONGEST_S (10 * TS_PENALTY_HALF_LIFE_S)

/* Entries of a bucket. */
#define TS_PENALTIES_WAYS 8

/* A source and its points at the moment `at`; without points, free. */
struct ts_penalty {
	struct ts_network source;
	/* In units of 1/1,024. */
	uint64_t units;
	struct ts_monotime at;
};

struct ts_penalties {
	/* `bucket_count` buckets of TS_PENALTIES_WAYS; the caller's. */
	struct ts_penalty *entries;
	uint32_t bucket_count;
	struct ts_siphash_key key;
};

/* An entry, for the status. */
struct ts_penalty_view {
	struct ts_network source;
	uint32_t points;
	/* How long the source is still refused; 0: it is not. */
	uint32_t left_s;
};

/* How many entries `bucket_count` buckets have. */
static inline uint32_t
ts_penalties_entries(uint32_t bucket_count)
{
	return bucket_count * TS_PENALTIES_WAYS;
}

/*
 * Makes an empty table.  `entries` has room for
 * ts_penalties_entries(bucket_count), of at least one bucket.
 */
void ts_penalties_init(struct ts_penalties *penalties,
    struct ts_penalty *entries, uint32_t bucket_count,
    const struct ts_siphash_key *key);

/* Gives `source` 1 to TS_PENALTY_REPORTED_MOST points more. */
void ts_penalties_add(struct ts_penalties *penalties, struct ts_network source,
    uint32_t points, struct ts_monotime now);

/* Whether `source` is refused now. */
bool ts_penalties_holds(const struct ts_penalties *penalties,
    struct ts_network source, struct ts_monotime now);

/* Takes all points from `source`.  Returns whether it had any. */
bool ts_penalties_forgive(struct ts_penalties *penalties,
    struct ts_network source);

/*
 * Lists the sources that have a point or more, in no order: *cursor begins at
 * 0.  Returns false when there is none left.
 */
bool ts_penalties_next(const struct ts_penalties *penalties, uint32_t *cursor,
    struct ts_monotime now, struct ts_penalty_view *ret_view);

#endif
