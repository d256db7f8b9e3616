/* SPDX-License-Identifier: MIT */
/* Which places of a fixed table are taken: a free list over indexes. */
#include "core/slots.h"

#include <assert.h>

uint32_t
ts_slots_bucket_count(uint32_t capacity)
{
	uint32_t count = 16;

	while (count < capacity)
		count *= 2;
	return count;
}

void
ts_slots_init(struct ts_slots *slots, uint32_t *next, uint32_t capacity)
{
	slots->next = next;
	slots->capacity = capacity;
	slots->used = 0;
	slots->first_free = capacity > 0 ? 0 : TS_SLOTS_NONE;
	for (uint32_t i = 0; i < capacity; i++)
		next[i] = i + 1 < capacity ? i + 1 : TS_SLOTS_NONE;
}

uint32_t
ts_slots_add(struct ts_slots *slots)
{
	uint32_t index = slots->first_free;

	if (index == TS_SLOTS_NONE)
		return TS_SLOTS_NONE;
	slots->first_free = slots->next[index];
	slots->used++;
	return index;
}

void
ts_slots_remove(struct ts_slots *slots, uint32_t index)
{
	assert(index < slots->capacity && slots->used > 0);
	slots->next[index] = slots->first_free;
	slots->first_free = index;
	slots->used--;
}
