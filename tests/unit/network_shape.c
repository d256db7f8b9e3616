/* SPDX-License-Identifier: MIT */
/* Whether a network table is in good shape: walks all of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "network_shape.h"

/* What a walk has met. */
struct walk {
	struct ts_network_table *table;
	uint64_t seed;
	/* The most nodes that the tree may have that is walked. */
	uint32_t room;
	uint32_t nodes;
	uint32_t live;
	uint32_t waiting;
	uint32_t young;
};

static void
demand(const struct walk *walk, bool is_so, const char *what)
{
	if (!is_so)
		fail_msg("seed %llu: not so: %s",
		    (unsigned long long)walk->seed, what);
}

/*
 * Lists the nodes of a tree from first to last, and checks that it is red and
 * black as it should be: a red node has no red child, and every way down meets
 * equally many black ones.  Such a tree of n nodes is at most 2 log2(n + 1)
 * deep.
 */
#define DEFINE_WALK(name, type, field)                                         \
	static unsigned name##_flatten(struct walk *walk, struct type *node,   \
	    struct type **list, uint32_t *count)                               \
	{                                                                      \
		struct type *left, *right;                                     \
		unsigned black, black_right;                                   \
                                                                               \
		if (node == NULL)                                              \
			return 0;                                              \
		left = RB_LEFT(node, field);                                   \
		right = RB_RIGHT(node, field);                                 \
		demand(walk, left == NULL || RB_PARENT(left, field) == node,   \
		    #name ": a left child knows its parent");                  \
		demand(walk, right == NULL || RB_PARENT(right, field) == node, \
		    #name ": a right child knows its parent");                 \
		demand(walk,                                                   \
		    RB_COLOR(node, field) == RB_BLACK ||                       \
			((left == NULL || RB_COLOR(left, field) != RB_RED) &&  \
			    (right == NULL ||                                  \
				RB_COLOR(right, field) != RB_RED)),            \
		    #name ": a red node has no red child");                    \
		black = name##_flatten(walk, left, list, count);               \
		demand(walk, *count < walk->room,                              \
		    #name ": no more nodes than are counted");                 \
		list[(*count)++] = node;                                       \
		black_right = name##_flatten(walk, right, list, count);        \
		demand(walk, black == black_right,                             \
		    #name ": every way down is equally black");                \
		return black + (RB_COLOR(node, field) == RB_BLACK);            \
	}

DEFINE_WALK(live, ts_holder, by_staleness)
DEFINE_WALK(heavy, ts_node, by_weight)
DEFINE_WALK(queue, ts_node, by_turn)
DEFINE_WALK(crowd, ts_node, by_claim)

/* What the connections and networks below a node add up to. */
struct sums {
	uint32_t held;
	uint32_t weight;
	uint32_t unseen;
	uint32_t killed;
	uint32_t waiting;
	uint32_t users;
};

static void
check_sums(const struct walk *walk, const struct ts_node *node,
    const struct sums *sums)
{
	demand(walk, node->held == sums->held, "the slots of a network");
	demand(walk, node->weight == sums->weight, "the weight of a network");
	demand(walk, node->unseen == sums->unseen, "the unseen of a network");
	demand(walk, node->killed == sums->killed, "the killed of a network");
	demand(walk, node->waiting == sums->waiting, "those that wait in it");
	demand(walk, node->users == sums->users, "the users of a network");
}

/* --- Connections --------------------------------------------------------- */

static bool
is_staler(const struct ts_holder *a, const struct ts_holder *b)
{
	if (a->is_young != b->is_young)
		return b->is_young;
	if (a->lags != b->lags)
		return a->lags;
	if (a->credit.ns != b->credit.ns)
		return a->credit.ns < b->credit.ns;
	return a < b;
}

static void
walk_live(struct walk *walk, struct ts_node *source, struct sums *sums)
{
	struct ts_holder **list = test_calloc(source->held + 1, sizeof(*list));
	uint32_t count = 0;

	walk->room = source->held;
	(void)live_flatten(walk, RB_ROOT(&source->live), list, &count);
	for (uint32_t i = 0; i < count; i++) {
		demand(walk, list[i]->source == source,
		    "a connection knows its source");
		demand(walk, list[i]->state == TS_HOLDER_LIVE,
		    "the live are live");
		demand(walk, i == 0 || is_staler(list[i - 1], list[i]),
		    "the order of a source's connections");
		sums->weight += list[i]->lags ? walk->table->heavy : 1;
		sums->unseen += list[i]->is_unseen;
		walk->young += list[i]->is_young;
	}
	demand(walk, source->victim == (count > 0 ? list[0] : NULL),
	    "the victim of a source is its stalest");
	sums->held += count;
	walk->live += count;
	test_free(list);
}

static void
walk_waiters(struct walk *walk, struct ts_node *source, struct sums *sums)
{
	const struct ts_holder *holder = TAILQ_FIRST(&source->waiters);
	struct ts_monotime last = { INT64_MIN };

	demand(walk, source->front == holder,
	    "the front of a source is its first that waits");
	for (; holder != NULL; holder = TAILQ_NEXT(holder, in_list)) {
		demand(walk, ++sums->waiting <= source->waiting,
		    "no more wait than are counted");
		demand(walk, holder->state == TS_HOLDER_WAITING,
		    "those that wait are waiting");
		demand(walk, last.ns <= holder->admitted.ns,
		    "the oldest of those that wait is first");
		last = holder->admitted;
	}
	walk->waiting += sums->waiting;
}

static void
walk_source(struct walk *walk, struct ts_node *source)
{
	struct sums sums = { .killed = source->killed };

	walk_live(walk, source, &sums);
	walk_waiters(walk, source, &sums);
	/* Of the killed a source has no list. */
	sums.held += source->killed;
	sums.users = sums.held + sums.waiting;
	demand(walk, sums.users > 0, "a source holds or waits");
	check_sums(walk, source, &sums);
}

/* --- Networks ------------------------------------------------------------ */

static bool
is_heavier(const struct ts_node *a, const struct ts_node *b)
{
	if (a->weight != b->weight)
		return a->weight > b->weight;
	return a->victim == NULL ? a < b : is_staler(a->victim, b->victim);
}

/* What a network counts for against its newcomers. */
static uint32_t
own_weight(const struct walk *walk, const struct ts_node *node)
{
	uint32_t heavy = walk->table->heavy;

	return node->weight + node->unseen * (heavy - 1) + node->killed * heavy;
}

static uint32_t
claim(const struct ts_node *node)
{
	return node->weight + node->killed + node->waiting;
}

/* Of two networks that are equal otherwise. */
static bool
has_waited_longer(const struct ts_node *a, const struct ts_node *b)
{
	if (a->front->admitted.ns != b->front->admitted.ns)
		return a->front->admitted.ns < b->front->admitted.ns;
	return a < b;
}

static bool
has_turn_before(const struct walk *walk, const struct ts_node *a,
    const struct ts_node *b)
{
	uint32_t weight_a = own_weight(walk, a);
	uint32_t weight_b = own_weight(walk, b);

	return weight_a != weight_b ? weight_a < weight_b
				    : has_waited_longer(a, b);
}

static bool
claims_less(const struct ts_node *a, const struct ts_node *b)
{
	return claim(a) != claim(b) ? claim(a) < claim(b)
				    : has_waited_longer(a, b);
}

static void walk_network(struct walk *walk, struct ts_node *node);

/* A network inside another is met for the first time. */
static void
meet(struct walk *walk, struct ts_node *node, const struct ts_node *above,
    struct sums *sums)
{
	demand(walk, node->above == above, "a network knows the one above");
	demand(walk, ts_network_table_find(walk->table, node->network) == node,
	    "a network is found");
	walk->nodes++;
	walk_network(walk, node);
	sums->held += node->held;
	sums->weight += node->weight;
	sums->unseen += node->unseen;
	sums->killed += node->killed;
	sums->waiting += node->waiting;
	sums->users++;
}

static void
walk_heavy(struct walk *walk, struct ts_node *node, struct sums *sums)
{
	struct ts_node **list = test_calloc(node->held + 1, sizeof(*list));
	uint32_t count = 0;

	walk->room = node->held;
	(void)heavy_flatten(walk, RB_ROOT(&node->heavy), list, &count);
	for (uint32_t i = 0; i < count; i++) {
		demand(walk, list[i]->held > 0, "the heavy hold slots");
		demand(walk, i == 0 || is_heavier(list[i - 1], list[i]),
		    "the order of networks by weight");
		meet(walk, list[i], node, sums);
	}
	demand(walk, node->victim == (count > 0 ? list[0]->victim : NULL),
	    "the victim of a network is that of the heaviest inside");
	test_free(list);
}

static void
walk_queue(struct walk *walk, struct ts_node *node, struct sums *sums)
{
	struct ts_node **list = test_calloc(node->waiting + 1, sizeof(*list));
	uint32_t count = 0;

	walk->room = node->waiting;
	(void)queue_flatten(walk, RB_ROOT(&node->queue), list, &count);
	for (uint32_t i = 0; i < count; i++) {
		demand(walk, list[i]->waiting > 0, "the queue waits");
		demand(walk,
		    i == 0 || has_turn_before(walk, list[i - 1], list[i]),
		    "the order of networks by turn");
		/* The others have been met among the heavy. */
		if (list[i]->held == 0)
			meet(walk, list[i], node, sums);
	}
	demand(walk, node->front == (count > 0 ? list[0]->front : NULL),
	    "the front of a network is that of the lightest inside");
	test_free(list);
}

/* The same networks as in the queue, in another order. */
static void
walk_crowd(struct walk *walk, struct ts_node *node)
{
	struct ts_node **list = test_calloc(node->waiting + 1, sizeof(*list));
	uint32_t count = 0;
	uint32_t waiting = 0;

	walk->room = node->waiting;
	(void)crowd_flatten(walk, RB_ROOT(&node->crowd), list, &count);
	for (uint32_t i = 0; i < count; i++) {
		demand(walk, i == 0 || claims_less(list[i - 1], list[i]),
		    "the order of networks by claim");
		waiting += list[i]->waiting;
	}
	demand(walk, waiting == node->waiting, "all that wait are in it");
	test_free(list);
}

static void
walk_network(struct walk *walk, struct ts_node *node)
{
	struct sums sums = { .held = 0 };

	if (RB_EMPTY(&node->heavy) && RB_EMPTY(&node->queue) &&
	    node->above != NULL) {
		walk_source(walk, node);
		return;
	}
	demand(walk, RB_EMPTY(&node->live) && TAILQ_EMPTY(&node->waiters),
	    "only sources have connections");
	walk_heavy(walk, node, &sums);
	walk_queue(walk, node, &sums);
	walk_crowd(walk, node);
	/* The table itself has one user more, so that it stays. */
	sums.users += node->above == NULL;
	check_sums(walk, node, &sums);
}

/* --- The rest ------------------------------------------------------------ */

static void
walk_young(struct walk *walk)
{
	const struct ts_holder *holder = TAILQ_FIRST(&walk->table->young);
	uint32_t count = 0;

	for (; holder != NULL; holder = TAILQ_NEXT(holder, in_list)) {
		demand(walk, ++count <= walk->young, "as many young ones");
		demand(walk,
		    holder->is_young && holder->state == TS_HOLDER_LIVE,
		    "the young are young");
	}
	demand(walk, count == walk->young, "all the young are listed");
}

/* How many nodes are chained, and how long the longest chain is. */
static uint32_t
count_chained(const struct ts_network_index *index, uint32_t *ret_longest)
{
	uint32_t total = 0;

	*ret_longest = 0;
	for (uint32_t i = 0; i < index->bucket_count; i++) {
		uint32_t place = index->buckets[i];
		uint32_t count = 0;

		for (; place != TS_SLOTS_NONE && count <= index->slots.used;
		     place = index->nodes[place].next)
			count++;
		total += count;
		*ret_longest = count > *ret_longest ? count : *ret_longest;
	}
	return total;
}

void
network_shape_check(struct ts_network_table *table, uint64_t seed)
{
	struct walk walk = { .table = table, .seed = seed };
	uint32_t longest;

	walk_network(&walk, &table->top);
	walk_young(&walk);
	demand(&walk, walk.live + table->top.killed == table->top.held,
	    "the sources hold all there are");
	demand(&walk, walk.waiting == table->top.waiting,
	    "the sources wait for all there are");
	demand(&walk, walk.nodes == table->index.slots.used, "no node is lost");
	demand(&walk, walk.nodes == count_chained(&table->index, &longest),
	    "the chains have the nodes there are");
}

uint32_t
network_shape_longest_chain(const struct ts_network_table *table)
{
	uint32_t longest;

	(void)count_chained(&table->index, &longest);
	return longest;
}
