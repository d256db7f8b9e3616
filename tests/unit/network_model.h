/* SPDX-License-Identifier: MIT */
/*
 * A slow record of which connections hold and wait for slots.
 *
 * It knows weights and order from the words of the rule alone: a plain list,
 * searched from end to end.  It knows which networks a client belongs to from
 * the names that the client is made from, not from its address.
 */
#ifndef TESTS_NETWORK_MODEL_H
#define TESTS_NETWORK_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "core/network_table.h"
#include "random.h"

/* Most ids of a record. */
#define MODEL_IDS 512
/* IPv4, IPv6, link-local, users. */
#define MODEL_FAMILIES 4
/* Most networks inside each network. */
#define MODEL_SPREAD 8

/* A client: the names of its networks, from wide to narrow, and its chain. */
struct model_client {
	unsigned levels;
	uint32_t names[TS_NETWORK_LEVELS];
	struct ts_chain chain;
};

/* One connection of the record. */
struct model_connection {
	enum ts_holder_state state;
	struct model_client client;
	/* The number of its entry: the lower, the earlier. */
	uint64_t entry;
	int64_t admitted_ns;
	int64_t credit_ns;
	uint64_t bytes;
	bool is_young;
	bool is_unseen;
	bool lags;
};

struct model {
	uint32_t ids;
	uint32_t heavy;
	uint64_t entries;
	struct model_connection connections[MODEL_IDS];
};

/*
 * A client of a family, whose networks are those with these numbers inside the
 * one above; all other bits are random.  The families share their numbers, so
 * that only the kind of address keeps them apart.
 */
struct model_client model_client(unsigned family,
    const uint32_t numbers[TS_NETWORK_LEVELS], struct random_stream *random);

/* Any client, where each network has `spread` networks in it. */
struct model_client model_any_client(uint32_t spread,
    struct random_stream *random);

/* --- Changes: as those of core/network_table.h --------------------------- */

void model_admit(struct model *model, uint32_t id,
    const struct model_client *client, const struct ts_standing *standing,
    struct ts_monotime now);
void model_wait(struct model *model, uint32_t id,
    const struct model_client *client, struct ts_monotime now);
void model_remove(struct model *model, uint32_t id);
void model_kill(struct model *model, uint32_t id);
void model_look(struct model *model, uint32_t id, uint64_t bytes, bool lags,
    struct ts_monotime now);
/* A connection is young until it and all that came before it are a second
 * old. */
void model_age(struct model *model, struct ts_monotime now);

/* --- Questions ----------------------------------------------------------- */

/* How urgent the connections are that wait in a network. */
struct model_claim {
	uint32_t amount;
	/* Since when the one waits whose turn it is. */
	int64_t front_ns;
};

/* One network, with the sums over its connections. */
struct model_network {
	uint32_t name;
	/* Of the tally's list; the first stands for all networks. */
	uint32_t above;
	uint32_t held;
	uint32_t weight;
	uint32_t unseen;
	uint32_t killed;
	uint32_t waiting;
	/* TS_SLOTS_NONE: all have been killed. */
	uint32_t victim;
	/* The heaviest network inside it, of the tally's list, or
	 * TS_SLOTS_NONE. */
	uint32_t heaviest;
	/* Slots, with killed and waiting ones; and its weight for newcomers. */
	struct model_claim claim;
	struct model_claim turn;
	/* Of the networks inside it that wait. */
	struct model_claim most_claim;
	struct model_claim least_turn;
};

#define MODEL_NETWORKS (1 + MODEL_IDS * TS_NETWORK_LEVELS)

/* All that hold or wait for a slot; networks[0] holds and waits for all. */
struct model_tally {
	uint32_t count;
	struct model_network networks[MODEL_NETWORKS];
};

void model_count(const struct model *model, struct model_tally *ret_tally);

/* The network of that name, or one that holds and waits for nothing. */
const struct model_network *model_find(const struct model_tally *tally,
    uint32_t name);

/*
 * Whether waiting connection `id` is one that gets the next slot, or one that
 * gives up first.  Several may be where they wait since the same moment.
 */
bool model_is_first(const struct model *model, const struct model_tally *tally,
    uint32_t id);
bool model_is_last(const struct model *model, const struct model_tally *tally,
    uint32_t id);

/* A connection in a state, by chance; TS_SLOTS_NONE if there is none. */
uint32_t model_pick(const struct model *model, enum ts_holder_state state,
    struct random_stream *random);

/* Whether `a` has to go before `b`; both are live. */
bool model_is_staler(const struct model *model, uint32_t a, uint32_t b);

#endif
