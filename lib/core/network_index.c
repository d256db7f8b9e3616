/* SPDX-License-Identifier: MIT */
/* The networks of a table, found by a keyed hash. */
#include "core/network_index.h"

#include <assert.h>
#include <string.h>

size_t
ts_network_index_bytes(uint32_t most)
{
	return most * sizeof(struct ts_node) +
	    sizeof(uint32_t) * ((size_t)most + ts_slots_bucket_count(most));
}

void
ts_network_index_init(struct ts_network_index *index, void *memory,
    uint32_t most, const struct ts_siphash_key *key)
{
	uint32_t *words;

	*index = (struct ts_network_index){
		.key = *key,
		.nodes = memory,
		.bucket_count = ts_slots_bucket_count(most),
	};
	words = (uint32_t *)(index->nodes + most);
	ts_slots_init(&index->slots, words, most);
	index->buckets = words + most;
	for (uint32_t i = 0; i < index->bucket_count; i++)
		index->buckets[i] = TS_SLOTS_NONE;
}

static uint32_t *
bucket_of(const struct ts_network_index *index, struct ts_network network)
{
	uint64_t hash = ts_siphash(&index->key, network.kind, network.bits);

	return &index->buckets[(uint32_t)hash & (index->bucket_count - 1)];
}

struct ts_node *
ts_network_index_find(const struct ts_network_index *index,
    struct ts_network network)
{
	uint32_t place = *bucket_of(index, network);

	while (place != TS_SLOTS_NONE &&
	    !ts_network_is_same(index->nodes[place].network, network))
		place = index->nodes[place].next;
	return place == TS_SLOTS_NONE ? NULL : &index->nodes[place];
}

static struct ts_node *
make(struct ts_network_index *index, struct ts_node *above,
    struct ts_network network)
{
	uint32_t *bucket = bucket_of(index, network);
	uint32_t place = ts_slots_add(&index->slots);
	struct ts_node *node = &index->nodes[place];

	assert(place != TS_SLOTS_NONE);
	*node = (struct ts_node){
		.network = network,
		.above = above,
		.next = *bucket,
	};
	RB_INIT(&node->heavy);
	RB_INIT(&node->queue);
	RB_INIT(&node->crowd);
	RB_INIT(&node->live);
	TAILQ_INIT(&node->waiters);
	*bucket = place;
	above->users++;
	return node;
}

struct ts_node *
ts_network_index_take(struct ts_network_index *index, struct ts_node *top,
    const struct ts_chain *chain)
{
	struct ts_node *above = top;
	struct ts_node *node = NULL;

	assert(chain->count > 0 && chain->count <= TS_NETWORK_LEVELS);
	for (unsigned i = 0; i < chain->count; i++) {
		node = ts_network_index_find(index, chain->networks[i]);
		if (node == NULL)
			node = make(index, above, chain->networks[i]);
		assert(node->above == above);
		above = node;
	}
	node->users++;
	return node;
}

static void
forget(struct ts_network_index *index, struct ts_node *node)
{
	uint32_t place = (uint32_t)(node - index->nodes);
	uint32_t *link = bucket_of(index, node->network);

	assert(node->held == 0 && node->waiting == 0);
	while (*link != place)
		link = &index->nodes[*link].next;
	*link = node->next;
	ts_slots_remove(&index->slots, place);
}

void
ts_network_index_give(struct ts_network_index *index, struct ts_node *source)
{
	struct ts_node *node = source;
	struct ts_node *above;

	for (;;) {
		assert(node->users > 0);
		above = node->above;
		if (--node->users > 0 || above == NULL)
			return;
		forget(index, node);
		node = above;
	}
}
