/* SPDX-License-Identifier: MIT */
/* What each network holds: slots, and connections that wait for one. */
#include "core/network_table.h"

#include <assert.h>

#include "core/network_order.h"

/* Each connection needs a node for every level of its chain at most. */
static uint32_t
most_nodes(uint32_t most)
{
	return most * TS_NETWORK_LEVELS;
}

size_t
ts_network_table_bytes(uint32_t ids, uint32_t most)
{
	return ids * sizeof(struct ts_holder) +
	    ts_network_index_bytes(most_nodes(most));
}

void
ts_network_table_init(struct ts_network_table *table, void *memory,
    uint32_t ids, uint32_t most, uint32_t heavy,
    const struct ts_siphash_key *key)
{
	assert(heavy > 0);
	*table = (struct ts_network_table){
		.holders = memory,
		.ids = ids,
		.heavy = heavy,
		/* Never without a user, so that it is never forgotten. */
		.top.users = 1,
	};
	ts_network_index_init(&table->index, table->holders + ids,
	    most_nodes(most), key);
	RB_INIT(&table->top.heavy);
	RB_INIT(&table->top.queue);
	RB_INIT(&table->top.crowd);
	TAILQ_INIT(&table->young);
}

/* --- Sums ---------------------------------------------------------------- */

/* A killed one has paid already. */
static uint32_t
weight_of(const struct ts_network_table *table, const struct ts_holder *holder)
{
	if (holder->state == TS_HOLDER_KILLED)
		return 0;
	return holder->lags ? table->heavy : 1;
}

static bool
is_holding(const struct ts_holder *holder)
{
	return holder->state == TS_HOLDER_LIVE ||
	    holder->state == TS_HOLDER_KILLED;
}

static uint32_t
own_weight(const struct ts_network_table *table, const struct ts_node *node)
{
	return node->weight + node->unseen * (table->heavy - 1) +
	    node->killed * table->heavy;
}

/* Adds what a connection counts to all its networks, or takes it away. */
static void
count(struct ts_network_table *table, const struct ts_holder *holder, int sign)
{
	uint32_t one = (uint32_t)sign;

	for (struct ts_node *node = holder->source; node != NULL;
	     node = node->above) {
		if (is_holding(holder)) {
			node->held += one;
			node->weight += one * weight_of(table, holder);
			node->unseen += one * holder->is_unseen;
			node->killed +=
			    one * (holder->state == TS_HOLDER_KILLED);
		} else {
			node->waiting += one;
		}
		node->own_weight = own_weight(table, node);
	}
}

/* Takes a connection out of the sums and orders, so that it may change. */
static void
lift(struct ts_network_table *table, struct ts_holder *holder)
{
	ts_network_order_lift(holder->source);
	count(table, holder, -1);
	if (holder->state == TS_HOLDER_LIVE)
		ts_network_order_extract(holder);
}

static void
put_back(struct ts_network_table *table, struct ts_holder *holder)
{
	count(table, holder, 1);
	if (holder->state == TS_HOLDER_LIVE)
		ts_network_order_insert(holder);
	ts_network_order_put_back(holder->source);
}

/* --- Changes ------------------------------------------------------------- */

/* Until when so many bytes pay, of a connection admitted then. */
static struct ts_monotime
credit_of(struct ts_monotime admitted, uint64_t moved_bytes,
    struct ts_monotime now)
{
	const uint64_t rate = TS_NETWORK_TABLE_RATE_BYTES_PER_S;
	struct ts_monotime most =
	    ts_monotime_add_ms(now, TS_NETWORK_TABLE_AHEAD_MS);
	uint64_t seconds = moved_bytes / rate;
	uint32_t ms;

	/* Nothing overflows: that many seconds are ahead of any time. */
	if (seconds >= INT32_MAX / 1000)
		return most;
	ms = (uint32_t)(seconds * 1000 + moved_bytes % rate * 1000 / rate);
	return ts_monotime_earlier(most,
	    ts_monotime_add_ms(admitted, TS_NETWORK_TABLE_CREDIT_MS + ms));
}

/* A free id gets a source, whose networks are lifted out. */
static struct ts_holder *
enter(struct ts_network_table *table, uint32_t id, const struct ts_chain *chain)
{
	struct ts_holder *holder = &table->holders[id];

	assert(id < table->ids && holder->state == TS_HOLDER_NONE);
	*holder = (struct ts_holder){
		.source =
		    ts_network_index_take(&table->index, &table->top, chain),
	};
	ts_network_order_lift(holder->source);
	return holder;
}

void
ts_network_table_admit(struct ts_network_table *table, uint32_t id,
    const struct ts_chain *chain, const struct ts_standing *standing,
    struct ts_monotime now)
{
	struct ts_holder *holder = enter(table, id, chain);

	holder->state = TS_HOLDER_LIVE;
	holder->admitted.ns = now.ns - standing->served_ns;
	holder->credit =
	    credit_of(holder->admitted, standing->moved_bytes, now);
	holder->is_unseen = standing->is_unseen;
	holder->lags = standing->lags;
	/* One that was served before may stay young a little longer than a
	 * second: the list is in the order of entries. */
	holder->is_young =
	    standing->served_ns < TS_NETWORK_TABLE_YOUNG_MS * 1000000LL;
	if (holder->is_young)
		TAILQ_INSERT_TAIL(&table->young, holder, in_list);
	put_back(table, holder);
}

void
ts_network_table_wait(struct ts_network_table *table, uint32_t id,
    const struct ts_chain *chain, struct ts_monotime now)
{
	struct ts_holder *holder = enter(table, id, chain);

	holder->state = TS_HOLDER_WAITING;
	holder->admitted = now;
	TAILQ_INSERT_TAIL(&holder->source->waiters, holder, in_list);
	put_back(table, holder);
}

/* A connection that is lifted out leaves the list that it is in. */
static void
leave_list(struct ts_network_table *table, struct ts_holder *holder)
{
	if (holder->state == TS_HOLDER_WAITING)
		TAILQ_REMOVE(&holder->source->waiters, holder, in_list);
	else if (holder->is_young)
		TAILQ_REMOVE(&table->young, holder, in_list);
	holder->is_young = false;
}

void
ts_network_table_remove(struct ts_network_table *table, uint32_t id)
{
	struct ts_holder *holder = &table->holders[id];

	assert(id < table->ids);
	if (holder->state == TS_HOLDER_NONE)
		return;
	lift(table, holder);
	leave_list(table, holder);
	ts_network_order_put_back(holder->source);
	ts_network_index_give(&table->index, holder->source);
	holder->state = TS_HOLDER_NONE;
}

void
ts_network_table_kill(struct ts_network_table *table, uint32_t id)
{
	struct ts_holder *holder = &table->holders[id];

	assert(id < table->ids && holder->state == TS_HOLDER_LIVE);
	lift(table, holder);
	leave_list(table, holder);
	holder->state = TS_HOLDER_KILLED;
	holder->is_unseen = false;
	put_back(table, holder);
}

void
ts_network_table_look(struct ts_network_table *table, uint32_t id,
    uint64_t moved_bytes, bool lags, struct ts_monotime now)
{
	struct ts_holder *holder = &table->holders[id];

	assert(id < table->ids);
	if (holder->state != TS_HOLDER_LIVE)
		return;
	lift(table, holder);
	holder->credit = credit_of(holder->admitted, moved_bytes, now);
	holder->lags = lags;
	holder->is_unseen = false;
	put_back(table, holder);
}

void
ts_network_table_age(struct ts_network_table *table, struct ts_monotime now)
{
	struct ts_holder *holder;

	for (;;) {
		holder = TAILQ_FIRST(&table->young);
		if (holder == NULL ||
		    ts_monotime_is_before(now,
			ts_monotime_add_ms(holder->admitted,
			    TS_NETWORK_TABLE_YOUNG_MS)))
			return;
		lift(table, holder);
		leave_list(table, holder);
		put_back(table, holder);
	}
}

/* --- Questions ----------------------------------------------------------- */

struct ts_standing
ts_network_table_standing(const struct ts_network_table *table, uint32_t id,
    uint64_t moved_bytes, struct ts_monotime now)
{
	const struct ts_holder *holder = &table->holders[id];

	assert(is_holding(holder));
	return (struct ts_standing){
		.served_ns = now.ns - holder->admitted.ns,
		.moved_bytes = moved_bytes,
		.is_unseen = holder->is_unseen,
		.lags = holder->lags,
	};
}

const struct ts_node *
ts_network_table_find(const struct ts_network_table *table,
    struct ts_network network)
{
	return ts_network_index_find(&table->index, network);
}

static uint32_t
id_or_none(const struct ts_network_table *table, const struct ts_holder *holder)
{
	return holder != NULL ? ts_network_table_id(table, holder)
			      : TS_SLOTS_NONE;
}

uint32_t
ts_network_table_victim(const struct ts_network_table *table)
{
	return id_or_none(table, table->top.victim);
}

uint32_t
ts_network_table_first_waiting(const struct ts_network_table *table)
{
	return id_or_none(table, table->top.front);
}

uint32_t
ts_network_table_last_waiting(struct ts_network_table *table)
{
	struct ts_node *node = &table->top;
	struct ts_node *below;

	for (;;) {
		below = ts_network_order_greatest_claim(node);
		if (below == NULL)
			break;
		node = below;
	}
	return node == &table->top
	    ? TS_SLOTS_NONE
	    : id_or_none(table, TAILQ_LAST(&node->waiters, ts_holder_list));
}

/* The list that is being filled. */
struct list {
	struct ts_source_weight *rows;
	unsigned count;
};

static bool
is_listed(const struct list *list, const struct ts_node *node)
{
	return list->count < TS_NETWORK_TABLE_LISTED ||
	    node->weight > list->rows[list->count - 1].weight;
}

/* Puts a source where it belongs; the last row may have to go. */
static void
enlist(struct list *list, const struct ts_node *source)
{
	unsigned row = list->count;

	if (list->count == TS_NETWORK_TABLE_LISTED)
		row--;
	else
		list->count++;
	for (; row > 0 && list->rows[row - 1].weight < source->weight; row--)
		list->rows[row] = list->rows[row - 1];
	list->rows[row] = (struct ts_source_weight){
		.source = source->network,
		.held = source->held,
		.weight = source->weight,
	};
}

/*
 * Walks the networks inside `node`, heaviest first, as long as one may still
 * hold a source that belongs in the list: no network is heavier than the one
 * above it.  The depth is bounded by TS_NETWORK_LEVELS.
 */
static void
list_inside(struct list *list, struct ts_node *node)
{
	struct ts_node *below = ts_network_order_heaviest(node);

	if (below == NULL && node->above != NULL)
		enlist(list, node);
	while (below != NULL && is_listed(list, below)) {
		list_inside(list, below);
		below = ts_network_order_next_lighter(below);
	}
}

unsigned
ts_network_table_list(struct ts_network_table *table,
    struct ts_source_weight ret_list[TS_NETWORK_TABLE_LISTED])
{
	struct list list = { .rows = ret_list };

	list_inside(&list, &table->top);
	return list.count;
}
