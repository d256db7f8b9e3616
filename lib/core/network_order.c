/* SPDX-License-Identifier: MIT */
/* The order of networks and connections. */
#include "core/network_order.h"

#include <stddef.h>

/* Not every function that a tree brings is used. */
#define TREE __attribute__((unused)) static

static int
compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/*
 * Stalest first: older than a second before younger, lagging before not
 * lagging, then the earlier credit; of equals the one at the lower address.
 */
static int
by_staleness(const struct ts_holder *a, const struct ts_holder *b)
{
	if (a->is_young != b->is_young)
		return compare(a->is_young, b->is_young);
	if (a->lags != b->lags)
		return compare(b->lags, a->lags);
	if (a->credit.ns != b->credit.ns)
		return compare(a->credit.ns, b->credit.ns);
	return compare(a - b, 0);
}

RB_GENERATE_INTERNAL(ts_holders_by_staleness, ts_holder, by_staleness,
    by_staleness, TREE)

/*
 * Heaviest first; of equals the one with the stalest victim.  One without a
 * victim weighs nothing, and comes last.
 */
static int
by_weight(const struct ts_node *a, const struct ts_node *b)
{
	if (a->weight != b->weight)
		return compare(b->weight, a->weight);
	if (a->victim == NULL || b->victim == NULL)
		return compare(a - b, 0);
	return by_staleness(a->victim, b->victim);
}

RB_GENERATE_INTERNAL(ts_nodes_by_weight, ts_node, by_weight, by_weight, TREE)

/* The lightest first; of equals the one whose front has waited longest. */
static int
by_turn(const struct ts_node *a, const struct ts_node *b)
{
	if (a->own_weight != b->own_weight)
		return compare(a->own_weight, b->own_weight);
	if (a->front->admitted.ns != b->front->admitted.ns)
		return compare(a->front->admitted.ns, b->front->admitted.ns);
	return compare(a - b, 0);
}

RB_GENERATE_INTERNAL(ts_nodes_by_turn, ts_node, by_turn, by_turn, TREE)

/* Slots, also of killed ones, and waiting connections. */
static uint32_t
claim_of(const struct ts_node *node)
{
	return node->weight + node->killed + node->waiting;
}

/* The greatest last; of equals the one whose front has not waited as long. */
static int
by_claim(const struct ts_node *a, const struct ts_node *b)
{
	if (claim_of(a) != claim_of(b))
		return compare(claim_of(a), claim_of(b));
	if (a->front->admitted.ns != b->front->admitted.ns)
		return compare(a->front->admitted.ns, b->front->admitted.ns);
	return compare(a - b, 0);
}

RB_GENERATE_INTERNAL(ts_nodes_by_claim, ts_node, by_claim, by_claim, TREE)

/* The table itself is the node above all others; it stands in no tree. */
static bool
is_top(const struct ts_node *node)
{
	return node->above == NULL;
}

static void
take_out_waiting(struct ts_node *node)
{
	RB_REMOVE(ts_nodes_by_turn, &node->above->queue, node);
	RB_REMOVE(ts_nodes_by_claim, &node->above->crowd, node);
}

static void
put_in_waiting(struct ts_node *node)
{
	(void)RB_INSERT(ts_nodes_by_turn, &node->above->queue, node);
	(void)RB_INSERT(ts_nodes_by_claim, &node->above->crowd, node);
}

void
ts_network_order_lift(struct ts_node *source)
{
	for (struct ts_node *node = source; !is_top(node); node = node->above) {
		if (node->held > 0)
			RB_REMOVE(ts_nodes_by_weight, &node->above->heavy,
			    node);
		if (node->waiting > 0)
			take_out_waiting(node);
	}
}

struct ts_node *
ts_network_order_heaviest(struct ts_node *node)
{
	return RB_MIN(ts_nodes_by_weight, &node->heavy);
}

struct ts_node *
ts_network_order_next_lighter(struct ts_node *node)
{
	return RB_NEXT(ts_nodes_by_weight, &node->above->heavy, node);
}

struct ts_node *
ts_network_order_greatest_claim(struct ts_node *node)
{
	return RB_MAX(ts_nodes_by_claim, &node->crowd);
}

static void
update_source(struct ts_node *source)
{
	source->victim = RB_MIN(ts_holders_by_staleness, &source->live);
	source->front = TAILQ_FIRST(&source->waiters);
}

static void
update(struct ts_node *node)
{
	struct ts_node *heaviest = ts_network_order_heaviest(node);
	struct ts_node *first = RB_MIN(ts_nodes_by_turn, &node->queue);

	node->victim = heaviest != NULL ? heaviest->victim : NULL;
	node->front = first != NULL ? first->front : NULL;
}

void
ts_network_order_put_back(struct ts_node *source)
{
	struct ts_node *node = source;

	update_source(source);
	for (; !is_top(node); node = node->above) {
		if (node != source)
			update(node);
		if (node->held > 0)
			(void)RB_INSERT(ts_nodes_by_weight, &node->above->heavy,
			    node);
		if (node->waiting > 0)
			put_in_waiting(node);
	}
	update(node);
}

void
ts_network_order_insert(struct ts_holder *holder)
{
	(void)RB_INSERT(ts_holders_by_staleness, &holder->source->live, holder);
}

void
ts_network_order_extract(struct ts_holder *holder)
{
	RB_REMOVE(ts_holders_by_staleness, &holder->source->live, holder);
}
