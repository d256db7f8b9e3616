/* SPDX-License-Identifier: MIT */
/*
 * The networks of a table, found by a keyed hash.  Inside the network table.
 *
 * A network has a node exactly while something refers to it: no choice of
 * addresses makes a look-up slow, or the table full before its slots are.
 */
#ifndef TS_CORE_NETWORK_INDEX_H
#define TS_CORE_NETWORK_INDEX_H

#include <stddef.h>

#include "core/network_node.h"

struct ts_network_index {
	struct ts_siphash_key key;
	struct ts_node *nodes;
	struct ts_slots slots;
	/* Heads of the chains. */
	uint32_t *buckets;
	uint32_t bucket_count;
};

/* How many bytes an index for `most` nodes takes. */
size_t ts_network_index_bytes(uint32_t most);

/*
 * Starts empty, in `memory` of that many bytes, aligned as by malloc(3), which
 * stays the caller's.
 */
void ts_network_index_init(struct ts_network_index *index, void *memory,
    uint32_t most, const struct ts_siphash_key *key);

/* The node of a network, or NULL. */
struct ts_node *ts_network_index_find(const struct ts_network_index *index,
    struct ts_network network);

/*
 * The node of the source of a chain, made with those above it where they are
 * missing, up to `top`; it has one user more.
 */
struct ts_node *ts_network_index_take(struct ts_network_index *index,
    struct ts_node *top, const struct ts_chain *chain);

/* It has one user less; nodes without any are gone. */
void ts_network_index_give(struct ts_network_index *index,
    struct ts_node *source);

#endif
