/* SPDX-License-Identifier: MIT */
/*
 * Who serves whom: the table of children, and the only count of them.
 *
 * A child is entered before it is forked and stays until it is collected, or
 * until the fork has failed: so no slot is ever held by nobody.
 */
#ifndef TS_CORE_CHILD_TABLE_H
#define TS_CORE_CHILD_TABLE_H

#include <stdint.h>
#include <sys/types.h>

#include "core/slots.h"

/* Why the parent has killed a child. */
enum ts_child_sentence {
	TS_CHILD_LIVES = 0,
	/* Its client had said nothing for too long after it came. */
	TS_CHILD_FIRST_BYTE,
	/* Nothing was moved for too long. */
	TS_CHILD_IDLE,
	/* Its client sent less than the least rate. */
	TS_CHILD_SLOW_SENDER,
	/* Its client took less than the least rate. */
	TS_CHILD_SLOW_READER,
	/* Its connection has lived for the longest time allowed. */
	TS_CHILD_LIFETIME,
	/* It has made room for another. */
	TS_CHILD_EVICTED,
	/* The server has stopped. */
	TS_CHILD_DISMISSED,
	TS_CHILD_SENTENCES,
};

struct ts_child {
	/* 0 until the fork has succeeded. */
	pid_t pid;
	enum ts_child_sentence sentence;
	/* The next of its bucket, by pid. */
	uint32_t next;
};

struct ts_children {
	struct ts_slots slots;
	struct ts_child *entries;
	/* Heads of the chains by pid; a power of two of them. */
	uint32_t *buckets;
	uint32_t bucket_count;
};

/* What memory a table needs. */
struct ts_children_memory {
	uint32_t *next;
	struct ts_child *entries;
	uint32_t *buckets;
};

/*
 * Starts empty.  `memory` has room for `capacity` of next and entries, and
 * for ts_slots_bucket_count(capacity) of buckets.
 */
void ts_children_init(struct ts_children *children,
    const struct ts_children_memory *memory, uint32_t capacity);

/*
 * Enters a child that is about to be forked.
 * Returns its index, or TS_SLOTS_NONE if the table is full.
 */
uint32_t ts_children_add(struct ts_children *children);

/* The fork has succeeded: the child at `index` is `pid`. */
void ts_children_set_pid(struct ts_children *children, uint32_t index,
    pid_t pid);

/* The index of the child `pid`, or TS_SLOTS_NONE. */
uint32_t ts_children_find(const struct ts_children *children, pid_t pid);

/* The child at `index` is no more, or never came to be. */
void ts_children_remove(struct ts_children *children, uint32_t index);

#endif
