/* SPDX-License-Identifier: MIT */
/* Whether a network table is in good shape: walks all of it. */
#ifndef TESTS_NETWORK_SHAPE_H
#define TESTS_NETWORK_SHAPE_H

#include <stdint.h>

#include "core/network_table.h"

/*
 * Fails the test, naming `seed`, unless every tree is red and black as it
 * should be and in order, every sum is that of what stands below, every
 * network is found by its hash, and no node is lost.
 */
void network_shape_check(struct ts_network_table *table, uint64_t seed);

/* The length of the longest chain of the hash table. */
uint32_t network_shape_longest_chain(const struct ts_network_table *table);

#endif
