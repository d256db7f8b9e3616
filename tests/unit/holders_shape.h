/* SPDX-License-Identifier: MIT */
/*
 * Whether the table of holders is in good shape: walks all of it.
 */
#ifndef TESTS_HOLDERS_SHAPE_H
#define TESTS_HOLDERS_SHAPE_H

#include "core/source_table.h"

/*
 * Every tree is in its order and balanced; every count is that of what is
 * there; every source and group is found by its key, and nothing else is in
 * the chains.  Fails the running test otherwise, with `seed` to run it again.
 */
void holders_shape_check(struct ts_holders *holders, uint64_t seed);

/* How long the longest chain of the hash tables is. */
uint32_t holders_shape_longest_chain(const struct ts_holders *holders);

#endif
