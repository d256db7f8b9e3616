/* SPDX-License-Identifier: MIT */
/*
 * What a network table is made of: networks as the nodes of a tree, and the
 * connections at its leaves.  Types for core/network_table.c, its index and
 * its order; others ask core/network_table.h.
 */
#ifndef TS_CORE_NETWORK_NODE_H
#define TS_CORE_NETWORK_NODE_H

#include <bsd/sys/tree.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "core/monotime.h"
#include "core/network.h"
#include "core/siphash.h"
#include "core/slots.h"

struct ts_node;

enum ts_holder_state {
	/* The id is free. */
	TS_HOLDER_NONE,
	/* It holds a slot, and may be evicted. */
	TS_HOLDER_LIVE,
	/* It holds a slot until it is removed; it cannot be evicted again. */
	TS_HOLDER_KILLED,
	/* It holds no slot, and waits for one. */
	TS_HOLDER_WAITING,
};

/* One connection. */
struct ts_holder {
	/* Among the live ones of its source, by staleness. */
	RB_ENTRY(ts_holder) by_staleness;
	/* While live and young: in the table's list; while waiting: in the
	 * queue of its source. */
	TAILQ_ENTRY(ts_holder) in_list;
	struct ts_node *source;
	enum ts_holder_state state;
	struct ts_monotime admitted;
	/* Until when the bytes that it has moved pay for its slot. */
	struct ts_monotime credit;
	bool is_young;
	bool is_unseen;
	bool lags;
};

RB_HEAD(ts_holders_by_staleness, ts_holder);
RB_HEAD(ts_nodes_by_weight, ts_node);
RB_HEAD(ts_nodes_by_turn, ts_node);
RB_HEAD(ts_nodes_by_claim, ts_node);
TAILQ_HEAD(ts_holder_list, ts_holder);

/*
 * A network that holds or waits for at least one slot.
 *
 * 1. `held`, `weight`, `unseen`, `killed` and `waiting` are the sums over its
 *    connections; `own_weight` is what it counts for against its newcomers:
 *    the weight, where one that is unseen or was killed weighs the most.
 * 2. While held > 0 it stands in the tree `heavy` of the node above, while
 *    waiting > 0 in its trees `queue` and `crowd`.
 * 3. `victim` is the connection that is reached from here by the heaviest
 *    network at each level and then the stalest connection (NULL: all of them
 *    have been killed, and the weight is 0); `front` is the waiting connection
 *    that is reached by the network of the least own weight at each level and
 *    then the oldest.
 */
struct ts_node {
	RB_ENTRY(ts_node) by_weight;
	RB_ENTRY(ts_node) by_turn;
	RB_ENTRY(ts_node) by_claim;
	struct ts_network network;
	struct ts_node *above;
	uint32_t held;
	uint32_t weight;
	uint32_t own_weight;
	uint32_t unseen;
	uint32_t killed;
	uint32_t waiting;
	struct ts_holder *victim;
	struct ts_holder *front;
	/* The networks inside it; a source has connections instead. */
	struct ts_nodes_by_weight heavy;
	struct ts_nodes_by_turn queue;
	struct ts_nodes_by_claim crowd;
	struct ts_holders_by_staleness live;
	struct ts_holder_list waiters;
	/* How many nodes and connections refer to it. */
	uint32_t users;
	/* The next node of its bucket, by index. */
	uint32_t next;
};

#endif
