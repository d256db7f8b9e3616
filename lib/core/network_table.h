/* SPDX-License-Identifier: MIT */
/*
 * What each network holds: slots, and connections that wait for one.
 *
 * A live connection weighs 1, or `heavy` if it lags; a network weighs the sum
 * of its connections.  A killed one weighs nothing: it has paid, and is only
 * counted until it is removed.  Every network knows the heaviest one inside it,
 * and every source its stalest connection, so the connection that would have to
 * go first is found by one walk downwards.
 *
 * Every change costs O(levels * log n), every question O(levels), in memory
 * that is handed in once.  Connections are named by ids, which are the
 * caller's.
 */
#ifndef TS_CORE_NETWORK_TABLE_H
#define TS_CORE_NETWORK_TABLE_H

#include <stddef.h>

#include "core/network_index.h"
#include "core/network_node.h"

/* How long a connection is young: older ones go before it. */
#define TS_NETWORK_TABLE_YOUNG_MS 1000
/* Credit at first, what earns more, and how far ahead it may be. */
#define TS_NETWORK_TABLE_CREDIT_MS 5000
#define TS_NETWORK_TABLE_RATE_BYTES_PER_S 500
#define TS_NETWORK_TABLE_AHEAD_MS 30000

struct ts_network_table {
	struct ts_network_index index;
	struct ts_holder *holders;
	uint32_t ids;
	/* What a lagging connection weighs. */
	uint32_t heavy;
	/* Stands above the widest networks; its sums are those of all. */
	struct ts_node top;
	/* The live ones that are young, oldest first. */
	struct ts_holder_list young;
};

/*
 * What a connection brings along from an earlier slot.  Zeroed it is a new
 * one's, but that is_unseen has to be set.
 */
struct ts_standing {
	/* For how long it has held slots, and what it moved meanwhile. */
	int64_t served_ns;
	uint64_t moved_bytes;
	/* It has not been looked at yet. */
	bool is_unseen;
	bool lags;
};

/* How many bytes a table takes for `ids`, of which at most `most` are in it. */
size_t ts_network_table_bytes(uint32_t ids, uint32_t most);

/*
 * Starts empty.  `memory` is zeroed, is aligned as by malloc(3), has as many
 * bytes as ts_network_table_bytes() returns, and stays the caller's.  The table
 * may not be moved afterwards.
 */
void ts_network_table_init(struct ts_network_table *table, void *memory,
    uint32_t ids, uint32_t most, uint32_t heavy,
    const struct ts_siphash_key *key);

/* Connection `id`, which is not in the table, takes a slot. */
void ts_network_table_admit(struct ts_network_table *table, uint32_t id,
    const struct ts_chain *chain, const struct ts_standing *standing,
    struct ts_monotime now);

/* Connection `id`, which is not in the table, waits for a slot. */
void ts_network_table_wait(struct ts_network_table *table, uint32_t id,
    const struct ts_chain *chain, struct ts_monotime now);

/* Takes connection `id` out; harmless if it is not in the table. */
void ts_network_table_remove(struct ts_network_table *table, uint32_t id);

/* Live connection `id` was killed: it holds its slot until it is removed. */
void ts_network_table_kill(struct ts_network_table *table, uint32_t id);

/*
 * Connection `id` was looked at: it has moved so many bytes in all, and lags
 * or not.  Harmless if it is not live.
 */
void ts_network_table_look(struct ts_network_table *table, uint32_t id,
    uint64_t moved_bytes, bool lags, struct ts_monotime now);

/* Connections that are a second old by `now` are no longer young. */
void ts_network_table_age(struct ts_network_table *table,
    struct ts_monotime now);

/* What `id` would bring along to its next slot; it is in the table. */
struct ts_standing ts_network_table_standing(
    const struct ts_network_table *table, uint32_t id, uint64_t moved_bytes,
    struct ts_monotime now);

/* How many slots are held, killed connections included; how many of these
 * were killed; and how many connections wait. */
static inline uint32_t
ts_network_table_held(const struct ts_network_table *table)
{
	return table->top.held;
}

static inline uint32_t
ts_network_table_killed(const struct ts_network_table *table)
{
	return table->top.killed;
}

static inline uint32_t
ts_network_table_waiting(const struct ts_network_table *table)
{
	return table->top.waiting;
}

/* The node of a network, or NULL where it holds and waits for nothing. */
const struct ts_node *ts_network_table_find(
    const struct ts_network_table *table, struct ts_network network);

/* The id of a connection of this table. */
static inline uint32_t
ts_network_table_id(const struct ts_network_table *table,
    const struct ts_holder *holder)
{
	return (uint32_t)(holder - table->holders);
}

/*
 * The connection of the heaviest network at every level that would have to go
 * first, or TS_SLOTS_NONE.
 */
uint32_t ts_network_table_victim(const struct ts_network_table *table);

/*
 * The waiting connection that gets the next slot: at every level of the network
 * that holds and waits for the least, then the oldest; or TS_SLOTS_NONE.
 */
uint32_t ts_network_table_first_waiting(const struct ts_network_table *table);

/*
 * The waiting connection that is to give up first: at every level of the
 * network that holds and waits for the most, then the youngest; or
 * TS_SLOTS_NONE.
 */
uint32_t ts_network_table_last_waiting(struct ts_network_table *table);

/* A source and what it holds, for reports. */
struct ts_source_weight {
	struct ts_network source;
	uint32_t held;
	uint32_t weight;
};

/* Most sources that a report lists. */
#define TS_NETWORK_TABLE_LISTED 10

/* Lists the heaviest sources, heaviest first.  Returns how many. */
unsigned ts_network_table_list(struct ts_network_table *table,
    struct ts_source_weight ret_list[TS_NETWORK_TABLE_LISTED]);

#endif
