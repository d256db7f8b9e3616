/* SPDX-License-Identifier: MIT */
/* A network table, and beside it the slow record; both change together. */
#ifndef TESTS_NETWORK_PAIR_H
#define TESTS_NETWORK_PAIR_H

#include "network_model.h"

struct network_pair {
	uint64_t seed;
	struct random_stream random;
	struct ts_monotime now;
	void *memory;
	struct ts_network_table table;
	struct model model;
	/* The networks of the record, as of the last comparison. */
	struct model_tally tally;
};

/* Starts empty.  The pair may not be moved afterwards. */
void network_pair_open(struct network_pair *pair, uint32_t ids, uint32_t most,
    uint32_t heavy, uint64_t seed);
void network_pair_close(struct network_pair *pair);

/* Fails the test, naming the seed, unless the two are equal. */
void network_pair_demand(const struct network_pair *pair, const char *what,
    uint64_t is, uint64_t expected);

void network_pair_admit(struct network_pair *pair, uint32_t id,
    const struct model_client *client, const struct ts_standing *standing);
void network_pair_wait(struct network_pair *pair, uint32_t id,
    const struct model_client *client);
void network_pair_remove(struct network_pair *pair, uint32_t id);
void network_pair_kill(struct network_pair *pair, uint32_t id);
void network_pair_look(struct network_pair *pair, uint32_t id, uint64_t bytes,
    bool lags);
void network_pair_age(struct network_pair *pair);

/* Counts the record anew, and compares the sums and the order of all. */
void network_pair_compare(struct network_pair *pair);

/* Compares what the networks of a client hold. */
void network_pair_compare_client(const struct network_pair *pair,
    const struct model_client *client);

/* Compares each connection. */
void network_pair_compare_connections(const struct network_pair *pair);

#endif
