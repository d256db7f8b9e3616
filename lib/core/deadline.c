/* SPDX-License-Identifier: MIT */
/* Who is due next: a binary heap of moments over the indexes of a table. */
#include "core/deadline.h"

#include <assert.h>

#include "core/slots.h"

static void
put(struct ts_deadline *deadline, uint32_t place,
    struct ts_deadline_entry entry)
{
	deadline->heap[place] = entry;
	deadline->place[entry.index] = place;
}

/* Moves `entry` from `place` towards the root until its parent is no later. */
static void
sift_up(struct ts_deadline *deadline, uint32_t place,
    struct ts_deadline_entry entry)
{
	while (place > 0) {
		uint32_t parent = (place - 1) / 2;

		if (!ts_monotime_is_before(entry.when,
			deadline->heap[parent].when))
			break;
		put(deadline, place, deadline->heap[parent]);
		place = parent;
	}
	put(deadline, place, entry);
}

/* Moves `entry` from `place` away from the root until no child is earlier. */
static void
sift_down(struct ts_deadline *deadline, uint32_t place,
    struct ts_deadline_entry entry)
{
	const struct ts_deadline_entry *heap = deadline->heap;

	for (;;) {
		uint32_t child = 2 * place + 1;

		if (child >= deadline->count)
			break;
		if (child + 1 < deadline->count &&
		    ts_monotime_is_before(heap[child + 1].when,
			heap[child].when))
			child++;
		if (!ts_monotime_is_before(heap[child].when, entry.when))
			break;
		put(deadline, place, heap[child]);
		place = child;
	}
	put(deadline, place, entry);
}

/* Finds the right place for `entry`, starting from a place that is free. */
static void
settle(struct ts_deadline *deadline, uint32_t place,
    struct ts_deadline_entry entry)
{
	if (place > 0 &&
	    ts_monotime_is_before(entry.when,
		deadline->heap[(place - 1) / 2].when))
		sift_up(deadline, place, entry);
	else
		sift_down(deadline, place, entry);
}

void
ts_deadline_init(struct ts_deadline *deadline, struct ts_deadline_entry *heap,
    uint32_t *place, uint32_t capacity)
{
	deadline->heap = heap;
	deadline->place = place;
	deadline->capacity = capacity;
	deadline->count = 0;
	for (uint32_t i = 0; i < capacity; i++)
		place[i] = TS_SLOTS_NONE;
}

void
ts_deadline_set(struct ts_deadline *deadline, uint32_t index,
    struct ts_monotime when)
{
	struct ts_deadline_entry entry = { .when = when, .index = index };
	uint32_t place;

	assert(index < deadline->capacity);
	if (when.ns == TS_MONOTIME_NEVER.ns) {
		ts_deadline_clear(deadline, index);
		return;
	}
	place = deadline->place[index];
	if (place == TS_SLOTS_NONE)
		place = deadline->count++;
	settle(deadline, place, entry);
}

void
ts_deadline_hasten(struct ts_deadline *deadline, uint32_t index,
    struct ts_monotime when)
{
	uint32_t place;

	assert(index < deadline->capacity);
	place = deadline->place[index];
	if (place == TS_SLOTS_NONE ||
	    ts_monotime_is_before(when, deadline->heap[place].when))
		ts_deadline_set(deadline, index, when);
}

void
ts_deadline_clear(struct ts_deadline *deadline, uint32_t index)
{
	uint32_t place;

	assert(index < deadline->capacity);
	place = deadline->place[index];
	if (place == TS_SLOTS_NONE)
		return;
	deadline->place[index] = TS_SLOTS_NONE;
	deadline->count--;
	if (place < deadline->count)
		settle(deadline, place, deadline->heap[deadline->count]);
}

struct ts_monotime
ts_deadline_next(const struct ts_deadline *deadline)
{
	return deadline->count > 0 ? deadline->heap[0].when : TS_MONOTIME_NEVER;
}

uint32_t
ts_deadline_take_due(struct ts_deadline *deadline, struct ts_monotime now)
{
	uint32_t index;

	if (!ts_monotime_is_due(ts_deadline_next(deadline), now))
		return TS_SLOTS_NONE;
	index = deadline->heap[0].index;
	ts_deadline_clear(deadline, index);
	return index;
}
