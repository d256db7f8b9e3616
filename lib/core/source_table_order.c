/* SPDX-License-Identifier: MIT */
/* Who would have to go first: the three orders of the holders. */
#include "core/source_table_order.h"

#include <assert.h>
#include <string.h>

/* Not every function that a tree brings is wanted. */
#define TREE __attribute__((unused)) static

static int
compare(int64_t a, int64_t b)
{
	return (a > b) - (a < b);
}

/* Stalest first: no young one before an older, then the earlier credit. */
static int
by_staleness(const struct ts_holders_connection *a,
    const struct ts_holders_connection *b)
{
	if (a->is_young != b->is_young)
		return compare(a->is_young, b->is_young);
	if (a->credit.ns != b->credit.ns)
		return compare(a->credit.ns, b->credit.ns);
	/* No two are the same: the place decides. */
	return compare(a - b, 0);
}

RB_GENERATE_INTERNAL(ts_holders_connections, ts_holders_connection, of_source,
    by_staleness, TREE)
RB_GENERATE_INTERNAL(ts_holders_all, ts_holders_connection, of_all,
    by_staleness, TREE)

struct ts_holders_connection *
ts_holders_stalest_of(struct ts_holders_source *source)
{
	struct ts_holders_connection *stalest =
	    RB_MIN(ts_holders_connections, &source->connections);

	assert(stalest != NULL);
	return stalest;
}

/* Heaviest first, then the one with the stalest connection. */
static int
by_weight(struct ts_holders_source *a, struct ts_holders_source *b)
{
	if (a->count != b->count)
		return compare(b->count, a->count);
	return by_staleness(ts_holders_stalest_of(a), ts_holders_stalest_of(b));
}

RB_GENERATE_INTERNAL(ts_holders_sources, ts_holders_source, of_group, by_weight,
    TREE)

struct ts_holders_source *
ts_holders_heaviest_of(struct ts_holders_group *group)
{
	struct ts_holders_source *heaviest =
	    RB_MIN(ts_holders_sources, &group->sources);

	assert(heaviest != NULL);
	return heaviest;
}

/* By the heaviest source, then the heavier group, then the stalest. */
static int
by_heaviest_source(struct ts_holders_group *a, struct ts_holders_group *b)
{
	struct ts_holders_source *of_a = ts_holders_heaviest_of(a);
	struct ts_holders_source *of_b = ts_holders_heaviest_of(b);

	if (of_a->count == of_b->count && a->count != b->count)
		return compare(b->count, a->count);
	return by_weight(of_a, of_b);
}

RB_GENERATE_INTERNAL(ts_holders_groups, ts_holders_group, of_all,
    by_heaviest_source, TREE)

struct ts_holders_connection *
ts_holders_stalest(struct ts_holders *holders)
{
	struct ts_holders_connection *stalest =
	    RB_MIN(ts_holders_all, &holders->all);

	assert(stalest != NULL);
	return stalest;
}

struct ts_holders_source *
ts_holders_heaviest(struct ts_holders *holders)
{
	struct ts_holders_group *group =
	    RB_MIN(ts_holders_groups, &holders->heaviest);

	assert(group != NULL);
	return ts_holders_heaviest_of(group);
}

/*
 * Puts a source where it belongs among the `count` that are listed; the last
 * may have to go.  Returns how many there are then: as many as before, where
 * it is too light to be listed.
 */
static unsigned
enlist(struct ts_holders_weight *weights, unsigned count,
    const struct ts_holders_source *source)
{
	unsigned place = count;

	while (place > 0 && weights[place - 1].count < source->count)
		place--;
	if (place == TS_HOLDERS_LISTED)
		return count;
	if (count < TS_HOLDERS_LISTED)
		count++;
	memmove(&weights[place + 1], &weights[place],
	    (count - place - 1) * sizeof(*weights));
	weights[place] = (struct ts_holders_weight){
		.source = source->key,
		.count = source->count,
	};
	return count;
}

/*
 * What is among the n heaviest is so in its group, too; and its group is among
 * the n first: each of those has a source that is at least as heavy.
 */
unsigned
ts_holders_list_heaviest(struct ts_holders *holders,
    struct ts_holders_weight ret_weights[TS_HOLDERS_LISTED])
{
	struct ts_holders_source *source = NULL;
	struct ts_holders_group *group = NULL;
	unsigned groups = 0;
	unsigned count = 0;

	RB_FOREACH(group, ts_holders_groups, &holders->heaviest)
	{
		unsigned sources = 0;

		if (groups++ == TS_HOLDERS_LISTED)
			break;
		RB_FOREACH(source, ts_holders_sources, &group->sources)
		{
			if (sources++ == TS_HOLDERS_LISTED)
				break;
			count = enlist(ret_weights, count, source);
		}
	}
	return count;
}

void
ts_holders_lift(struct ts_holders *holders, struct ts_holders_source *source)
{
	RB_REMOVE(ts_holders_groups, &holders->heaviest, source->group);
	RB_REMOVE(ts_holders_sources, &source->group->sources, source);
}

void
ts_holders_lift_group(struct ts_holders *holders,
    struct ts_holders_group *group)
{
	if (group->count > 0)
		RB_REMOVE(ts_holders_groups, &holders->heaviest, group);
}

void
ts_holders_put_back(struct ts_holders *holders,
    struct ts_holders_source *source)
{
	struct ts_holders_group *group = source->group;

	if (source->count > 0)
		(void)RB_INSERT(ts_holders_sources, &group->sources, source);
	if (group->count > 0)
		(void)RB_INSERT(ts_holders_groups, &holders->heaviest, group);
}

void
ts_holders_insert(struct ts_holders *holders,
    struct ts_holders_connection *connection)
{
	(void)RB_INSERT(ts_holders_connections,
	    &connection->source->connections, connection);
	(void)RB_INSERT(ts_holders_all, &holders->all, connection);
}

void
ts_holders_extract(struct ts_holders *holders,
    struct ts_holders_connection *connection)
{
	RB_REMOVE(ts_holders_connections, &connection->source->connections,
	    connection);
	RB_REMOVE(ts_holders_all, &holders->all, connection);
}

void
ts_holders_ripen(struct ts_holders *holders, struct ts_monotime now)
{
	struct ts_holders_connection *oldest;

	for (;;) {
		oldest = TAILQ_FIRST(&holders->young);
		if (oldest == NULL ||
		    ts_monotime_is_before(now,
			ts_monotime_add_ms(oldest->admitted,
			    TS_HOLDERS_YOUNG_MS)))
			return;
		ts_holders_lift(holders, oldest->source);
		ts_holders_extract(holders, oldest);
		TAILQ_REMOVE(&holders->young, oldest, of_young);
		oldest->is_young = false;
		ts_holders_insert(holders, oldest);
		ts_holders_put_back(holders, oldest->source);
	}
}
