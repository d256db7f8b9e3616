/* SPDX-License-Identifier: MIT */
/*
 * The order of networks and connections: which would have to go first, and
 * which is the next to get a slot.  Inside the network table.
 *
 * A connection or node changes only between ts_network_order_lift() of its
 * source and ts_network_order_put_back(): nothing in a tree changes its place.
 */
#ifndef TS_CORE_NETWORK_ORDER_H
#define TS_CORE_NETWORK_ORDER_H

#include "core/network_node.h"

/* Takes a source and all networks above it out of their trees. */
void ts_network_order_lift(struct ts_node *source);

/*
 * Puts a source and all networks above it back into their trees, with victim
 * and front of each anew; one that holds or waits for nothing stays out.
 */
void ts_network_order_put_back(struct ts_node *source);

/* Enters a live connection among those of its source, which is lifted. */
void ts_network_order_insert(struct ts_holder *holder);

/* Takes it out. */
void ts_network_order_extract(struct ts_holder *holder);

/* The heaviest network inside `node`; NULL: there is none. */
struct ts_node *ts_network_order_heaviest(struct ts_node *node);

/* The next lighter one, or NULL. */
struct ts_node *ts_network_order_next_lighter(struct ts_node *node);

/* Inside `node`, the network with the greatest claim of those that wait. */
struct ts_node *ts_network_order_greatest_claim(struct ts_node *node);

#endif
