/* SPDX-License-Identifier: MIT */
/*
 * Who is due next: a binary heap of moments over the indexes of a table.
 *
 * Each index has at most one moment.  Setting and clearing cost O(log n),
 * asking for the earliest O(1).  The memory is handed in once.
 */
#ifndef TS_CORE_DEADLINE_H
#define TS_CORE_DEADLINE_H

#include <stdint.h>

#include "core/monotime.h"

/* One entry of the heap: whose, and when. */
struct ts_deadline_entry {
	struct ts_monotime when;
	uint32_t index;
};

/*
 * heap[0 .. count) is ordered as a heap by `when`; place[index] is where in
 * it an index stands, or TS_SLOTS_NONE.
 */
struct ts_deadline {
	struct ts_deadline_entry *heap;
	uint32_t *place;
	uint32_t capacity;
	uint32_t count;
};

/* Starts empty; `heap` and `place` have room for `capacity` each. */
void ts_deadline_init(struct ts_deadline *deadline,
    struct ts_deadline_entry *heap, uint32_t *place, uint32_t capacity);

/* Gives `index` the moment `when`, in place of the one it had; NEVER clears. */
void ts_deadline_set(struct ts_deadline *deadline, uint32_t index,
    struct ts_monotime when);

/* Gives `index` the moment `when`, unless it has an earlier one. */
void ts_deadline_hasten(struct ts_deadline *deadline, uint32_t index,
    struct ts_monotime when);

/* Takes the moment of `index` away; harmless if it has none. */
void ts_deadline_clear(struct ts_deadline *deadline, uint32_t index);

/* The earliest moment, or NEVER. */
struct ts_monotime ts_deadline_next(const struct ts_deadline *deadline);

/*
 * The index with the earliest moment, if that has come, its moment cleared;
 * else TS_SLOTS_NONE.
 */
uint32_t ts_deadline_take_due(struct ts_deadline *deadline,
    struct ts_monotime now);

#endif
