/* SPDX-License-Identifier: MIT */
/*
 * Which connection each child process serves: a hash table from process ids to
 * the ids of connections.
 *
 * It is the only count of children: a connection has a child from the fork
 * until that child has been reaped.
 */
#ifndef TS_CORE_CHILD_TABLE_H
#define TS_CORE_CHILD_TABLE_H

#include <stdint.h>
#include <sys/types.h>

#include "core/slots.h"

/* A connection's child: its process id, or 0. */
struct ts_child {
	pid_t pid;
	/* The next connection of its bucket. */
	uint32_t next;
};

struct ts_child_table {
	/* By the id of the connection. */
	struct ts_child *children;
	uint32_t ids;
	uint32_t count;
	/* Heads of the chains by pid; a power of two of them. */
	uint32_t *buckets;
	uint32_t bucket_count;
};

/*
 * Starts empty.  `children` has room for `ids`, `buckets` for
 * ts_slots_bucket_count(ids); both are zeroed, and stay the caller's.
 */
void ts_child_table_init(struct ts_child_table *table,
    struct ts_child *children, uint32_t *buckets, uint32_t ids);

/* Connection `id`, which has no child, is served by child `pid`. */
void ts_child_table_add(struct ts_child_table *table, uint32_t id, pid_t pid);

/* The connection that child `pid` serves, or TS_SLOTS_NONE. */
uint32_t ts_child_table_find(const struct ts_child_table *table, pid_t pid);

/* The child of connection `id` was reaped.  Harmless if it has none. */
void ts_child_table_remove(struct ts_child_table *table, uint32_t id);

/* The process id of the child of connection `id`, or 0. */
static inline pid_t
ts_child_table_pid(const struct ts_child_table *table, uint32_t id)
{
	return table->children[id].pid;
}

#endif
