/* SPDX-License-Identifier: MIT */
/* A network table, and beside it the slow record; both change together. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "network_pair.h"

static const struct ts_siphash_key key = { { 17, 42 } };

void
network_pair_open(struct network_pair *pair, uint32_t ids, uint32_t most,
    uint32_t heavy, uint64_t seed)
{
	*pair = (struct network_pair){
		.seed = seed,
		.random.state = seed,
		.now.ns = (int64_t)seed * 1000000000,
		.memory = test_calloc(1, ts_network_table_bytes(ids, most)),
		.model = { .ids = ids, .heavy = heavy },
	};
	assert_in_range(ids, most, MODEL_IDS);
	ts_network_table_init(&pair->table, pair->memory, ids, most, heavy,
	    &key);
}

void
network_pair_close(struct network_pair *pair)
{
	test_free(pair->memory);
}

void
network_pair_demand(const struct network_pair *pair, const char *what,
    uint64_t is, uint64_t expected)
{
	if (is != expected)
		fail_msg("seed %llu, %u ids: %s is %llu, not %llu",
		    (unsigned long long)pair->seed, pair->model.ids, what,
		    (unsigned long long)is, (unsigned long long)expected);
}

/* --- Changes ------------------------------------------------------------- */

void
network_pair_admit(struct network_pair *pair, uint32_t id,
    const struct model_client *client, const struct ts_standing *standing)
{
	ts_network_table_admit(&pair->table, id, &client->chain, standing,
	    pair->now);
	model_admit(&pair->model, id, client, standing, pair->now);
}

void
network_pair_wait(struct network_pair *pair, uint32_t id,
    const struct model_client *client)
{
	ts_network_table_wait(&pair->table, id, &client->chain, pair->now);
	model_wait(&pair->model, id, client, pair->now);
}

void
network_pair_remove(struct network_pair *pair, uint32_t id)
{
	ts_network_table_remove(&pair->table, id);
	model_remove(&pair->model, id);
}

void
network_pair_kill(struct network_pair *pair, uint32_t id)
{
	ts_network_table_kill(&pair->table, id);
	model_kill(&pair->model, id);
}

void
network_pair_look(struct network_pair *pair, uint32_t id, uint64_t bytes,
    bool lags)
{
	ts_network_table_look(&pair->table, id, bytes, lags, pair->now);
	model_look(&pair->model, id, bytes, lags, pair->now);
}

void
network_pair_age(struct network_pair *pair)
{
	ts_network_table_age(&pair->table, pair->now);
	model_age(&pair->model, pair->now);
}

/* --- Comparison ---------------------------------------------------------- */

void
network_pair_compare_client(const struct network_pair *pair,
    const struct model_client *client)
{
	static const struct ts_node nothing;
	const struct model_network *expected;
	const struct ts_node *node;

	for (unsigned i = 0; i < client->levels; i++) {
		expected = model_find(&pair->tally, client->names[i]);
		node = ts_network_table_find(&pair->table,
		    client->chain.networks[i]);
		if (node == NULL)
			node = &nothing;
		network_pair_demand(pair, "a network's count", node->held,
		    expected->held);
		network_pair_demand(pair, "a network's weight", node->weight,
		    expected->weight);
		network_pair_demand(pair, "a network's unseen", node->unseen,
		    expected->unseen);
		network_pair_demand(pair, "a network's killed", node->killed,
		    expected->killed);
		network_pair_demand(pair, "those that wait in a network",
		    node->waiting, expected->waiting);
		network_pair_demand(pair, "a network's victim",
		    node->victim == NULL
			? TS_SLOTS_NONE
			: ts_network_table_id(&pair->table, node->victim),
		    expected->victim);
	}
}

static void
compare_waiting(struct network_pair *pair)
{
	uint32_t first = ts_network_table_first_waiting(&pair->table);
	uint32_t last = ts_network_table_last_waiting(&pair->table);

	if (pair->tally.networks[0].waiting == 0) {
		network_pair_demand(pair, "the first that waits", first,
		    TS_SLOTS_NONE);
		network_pair_demand(pair, "the last that waits", last,
		    TS_SLOTS_NONE);
		return;
	}
	network_pair_demand(pair, "whether the first is one that waits",
	    first < pair->model.ids &&
		pair->model.connections[first].state == TS_HOLDER_WAITING,
	    true);
	network_pair_demand(pair, "whether the last is one that waits",
	    last < pair->model.ids &&
		pair->model.connections[last].state == TS_HOLDER_WAITING,
	    true);
	network_pair_demand(pair, "whether the first claims the least",
	    model_is_first(&pair->model, &pair->tally, first), true);
	network_pair_demand(pair, "whether the last claims the most",
	    model_is_last(&pair->model, &pair->tally, last), true);
}

void
network_pair_compare(struct network_pair *pair)
{
	const struct model_network *all = &pair->tally.networks[0];

	model_count(&pair->model, &pair->tally);
	network_pair_demand(pair, "the count of slots held",
	    ts_network_table_held(&pair->table), all->held);
	network_pair_demand(pair, "the count of killed ones",
	    ts_network_table_killed(&pair->table), all->killed);
	network_pair_demand(pair, "the count of those that wait",
	    ts_network_table_waiting(&pair->table), all->waiting);
	network_pair_demand(pair, "the victim",
	    ts_network_table_victim(&pair->table), all->victim);
	compare_waiting(pair);
}

void
network_pair_compare_connections(const struct network_pair *pair)
{
	for (uint32_t i = 0; i < pair->model.ids; i++) {
		const struct ts_holder *holder = &pair->table.holders[i];
		const struct model_connection *expected =
		    &pair->model.connections[i];

		network_pair_demand(pair, "a state", holder->state,
		    expected->state);
		if (holder->state != TS_HOLDER_LIVE)
			continue;
		network_pair_demand(pair, "youth", holder->is_young,
		    expected->is_young);
		network_pair_demand(pair, "lagging", holder->lags,
		    expected->lags);
		network_pair_demand(pair, "a credit",
		    (uint64_t)holder->credit.ns, (uint64_t)expected->credit_ns);
	}
}
