/* SPDX-License-Identifier: MIT */
/*
 * Which places of a fixed table are taken: a free list over indexes.
 *
 * The table itself belongs to somebody else; so does the memory of the list,
 * which is handed in once and never grows.
 */
#ifndef TS_CORE_SLOTS_H
#define TS_CORE_SLOTS_H

#include <stdint.h>

/* No index: the end of a list. */
#define TS_SLOTS_NONE UINT32_MAX

/* `used` of `capacity` places are taken; the others hang on `first_free`. */
struct ts_slots {
	uint32_t *next;
	uint32_t capacity;
	uint32_t used;
	uint32_t first_free;
};

/*
 * How many buckets a hash table over `capacity` places has: a power of two,
 * so that a bucket is a mask away, and about one place to a bucket.
 */
uint32_t ts_slots_bucket_count(uint32_t capacity);

/* Makes all of `capacity` places free; `next` has room for that many. */
void ts_slots_init(struct ts_slots *slots, uint32_t *next, uint32_t capacity);

/* Takes a place.  Returns its index, or TS_SLOTS_NONE if all are taken. */
uint32_t ts_slots_add(struct ts_slots *slots);

/* Gives a taken place back. */
void ts_slots_remove(struct ts_slots *slots, uint32_t index);

#endif
