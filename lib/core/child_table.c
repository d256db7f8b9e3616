/* SPDX-License-Identifier: MIT */
/* Who serves whom: the table of children, and the only count of them. */
#include "core/child_table.h"

#include <assert.h>

static uint32_t *
bucket_of(const struct ts_children *children, pid_t pid)
{
	return &children->buckets[(uint32_t)pid & (children->bucket_count - 1)];
}

void
ts_children_init(struct ts_children *children,
    const struct ts_children_memory *memory, uint32_t capacity)
{
	ts_slots_init(&children->slots, memory->next, capacity);
	children->entries = memory->entries;
	children->buckets = memory->buckets;
	children->bucket_count = ts_slots_bucket_count(capacity);
	for (uint32_t i = 0; i < children->bucket_count; i++)
		children->buckets[i] = TS_SLOTS_NONE;
}

uint32_t
ts_children_add(struct ts_children *children)
{
	uint32_t index = ts_slots_add(&children->slots);

	if (index != TS_SLOTS_NONE)
		children->entries[index] = (struct ts_child){
			.next = TS_SLOTS_NONE,
		};
	return index;
}

void
ts_children_set_pid(struct ts_children *children, uint32_t index, pid_t pid)
{
	struct ts_child *child = &children->entries[index];
	uint32_t *bucket = bucket_of(children, pid);

	assert(child->pid == 0 && pid > 0);
	child->pid = pid;
	child->next = *bucket;
	*bucket = index;
}

uint32_t
ts_children_find(const struct ts_children *children, pid_t pid)
{
	uint32_t index = *bucket_of(children, pid);

	while (index != TS_SLOTS_NONE && children->entries[index].pid != pid)
		index = children->entries[index].next;
	return index;
}

void
ts_children_remove(struct ts_children *children, uint32_t index)
{
	struct ts_child *child = &children->entries[index];

	if (child->pid > 0) {
		uint32_t *link = bucket_of(children, child->pid);

		while (*link != index)
			link = &children->entries[*link].next;
		*link = child->next;
		child->pid = 0;
	}
	ts_slots_remove(&children->slots, index);
}
