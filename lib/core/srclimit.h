/* SPDX-License-Identifier: MIT */
/*
 * May this source have one more: how many connections each source holds.
 *
 * A fixed table of sources, found by a keyed hash, so that no choice of
 * addresses makes it slow.  A source is in it exactly while it holds at
 * least one connection; therefore a table with as many places as there are
 * connections is never full.
 */
#ifndef TS_CORE_SRCLIMIT_H
#define TS_CORE_SRCLIMIT_H

#include <stdint.h>

#include "core/addr.h"
#include "core/siphash.h"
#include "core/slots.h"

/* A source, how many connections it holds, and the next of its bucket. */
struct ts_srclimit_entry {
	struct ts_source source;
	uint32_t count;
	uint32_t next;
};

struct ts_srclimit {
	struct ts_slots slots;
	struct ts_srclimit_entry *entries;
	/* Heads of the chains; a power of two of them. */
	uint32_t *buckets;
	uint32_t bucket_count;
	/* Most connections of one source. */
	uint32_t share;
	struct ts_siphash_key key;
};

/* What memory a table needs. */
struct ts_srclimit_memory {
	uint32_t *next;
	struct ts_srclimit_entry *entries;
	uint32_t *buckets;
};

/*
 * Starts empty, for `capacity` connections, of which one source may hold
 * `share`.  `memory` has room for `capacity` of next and entries, and for
 * ts_slots_bucket_count(capacity) of buckets.
 */
void ts_srclimit_init(struct ts_srclimit *limit,
    const struct ts_srclimit_memory *memory, uint32_t capacity, uint32_t share,
    const struct ts_siphash_key *key);

/*
 * Counts one more connection of `source`.
 * Returns its place, for ts_srclimit_remove(), or TS_SLOTS_NONE if the source
 * has its share already.
 */
uint32_t ts_srclimit_add(struct ts_srclimit *limit, struct ts_source source);

/* Counts one connection less of the source at `place`. */
void ts_srclimit_remove(struct ts_srclimit *limit, uint32_t place);

/* How many connections `source` holds. */
uint32_t ts_srclimit_count(const struct ts_srclimit *limit,
    struct ts_source source);

#endif
