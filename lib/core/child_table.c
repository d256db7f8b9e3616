/* SPDX-License-Identifier: MIT */
/* Which connection each child process serves. */
#include "core/child_table.h"

#include <assert.h>

static uint32_t *
bucket_of(const struct ts_child_table *table, pid_t pid)
{
	return &table->buckets[(uint32_t)pid & (table->bucket_count - 1)];
}

void
ts_child_table_init(struct ts_child_table *table, struct ts_child *children,
    uint32_t *buckets, uint32_t ids)
{
	*table = (struct ts_child_table){
		.children = children,
		.ids = ids,
		.buckets = buckets,
		.bucket_count = ts_slots_bucket_count(ids),
	};
	for (uint32_t i = 0; i < table->bucket_count; i++)
		buckets[i] = TS_SLOTS_NONE;
}

void
ts_child_table_add(struct ts_child_table *table, uint32_t id, pid_t pid)
{
	struct ts_child *child = &table->children[id];
	uint32_t *bucket = bucket_of(table, pid);

	assert(id < table->ids && child->pid == 0 && pid > 0);
	child->pid = pid;
	child->next = *bucket;
	*bucket = id;
	table->count++;
}

uint32_t
ts_child_table_find(const struct ts_child_table *table, pid_t pid)
{
	uint32_t id = *bucket_of(table, pid);

	while (id != TS_SLOTS_NONE && table->children[id].pid != pid)
		id = table->children[id].next;
	return id;
}

void
ts_child_table_remove(struct ts_child_table *table, uint32_t id)
{
	struct ts_child *child = &table->children[id];
	uint32_t *link;

	assert(id < table->ids);
	if (child->pid == 0)
		return;
	link = bucket_of(table, child->pid);
	while (*link != id)
		link = &table->children[*link].next;
	*link = child->next;
	child->pid = 0;
	table->count--;
}
