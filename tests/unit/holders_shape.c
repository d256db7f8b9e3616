/* SPDX-License-Identifier: MIT */
/* Whether the table of holders is in good shape: walks all of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "holders_shape.h"

/* What a walk has met. */
struct walk {
	struct ts_holders *holders;
	uint64_t seed;
	/* How many nodes the tree may have that is walked. */
	uint32_t room;
	uint32_t connections;
	uint32_t young;
	uint32_t sources;
	uint32_t groups;
};

static void
demand(const struct walk *walk, bool is_so, const char *what)
{
	if (!is_so)
		fail_msg("seed %llu: not so: %s",
		    (unsigned long long)walk->seed, what);
}

/*
 * The nodes of a tree from first to last, and whether it is red and black as
 * it should be: a red node has no red child, and every way down meets equally
 * many black ones.  Such a tree of n nodes is at most 2 log2(n + 1) deep.
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

DEFINE_WALK(connections, ts_holders_connection, of_source)
DEFINE_WALK(all, ts_holders_connection, of_all)
DEFINE_WALK(sources, ts_holders_source, of_group)
DEFINE_WALK(groups, ts_holders_group, of_all)

static bool
is_staler(const struct ts_holders_connection *a,
    const struct ts_holders_connection *b)
{
	if (a->is_young != b->is_young)
		return b->is_young;
	if (a->credit.ns != b->credit.ns)
		return a->credit.ns < b->credit.ns;
	return a < b;
}

static void
walk_connections(struct walk *walk, struct ts_holders_source *source)
{
	struct ts_holders_connection **list =
	    test_calloc(source->count + 1, sizeof(*list));
	uint32_t count = 0;

	walk->room = source->count;
	(void)connections_flatten(walk, RB_ROOT(&source->connections), list,
	    &count);
	demand(walk, count > 0, "a source holds something");
	demand(walk, count == source->count, "the count of a source");
	demand(walk, ts_holders_stalest_of(source) == list[0],
	    "the stalest of a source is its first");
	for (uint32_t i = 0; i < count; i++) {
		demand(walk, list[i]->source == source,
		    "a connection knows its source");
		demand(walk, i == 0 || is_staler(list[i - 1], list[i]),
		    "the order of a source's connections");
	}
	walk->connections += count;
	walk->sources++;
	test_free(list);
}

/* Heavier, or as heavy with a staler connection. */
static bool
goes_before(struct ts_holders_source *a, struct ts_holders_source *b)
{
	if (a->count != b->count)
		return a->count > b->count;
	return is_staler(ts_holders_stalest_of(a), ts_holders_stalest_of(b));
}

static void
walk_sources(struct walk *walk, struct ts_holders_group *group)
{
	struct ts_holders_source **list =
	    test_calloc(group->count + 1, sizeof(*list));
	struct ts_source key;
	uint32_t count = 0;
	uint32_t held = 0;

	walk->room = group->count;
	(void)sources_flatten(walk, RB_ROOT(&group->sources), list, &count);
	demand(walk, count > 0, "a group has a source");
	for (uint32_t i = 0; i < count; i++) {
		key = ts_addr_group(list[i]->key);
		walk_connections(walk, list[i]);
		held += list[i]->count;
		demand(walk, list[i]->group == group,
		    "a source knows its group");
		demand(walk,
		    key.kind == group->key.kind && key.bits == group->key.bits,
		    "a source is in the group of its address");
		demand(walk,
		    ts_holders_find_source(walk->holders, list[i]->key) ==
			list[i],
		    "a source is found");
		demand(walk, i == 0 || goes_before(list[i - 1], list[i]),
		    "the order of a group's sources");
	}
	demand(walk, held == group->count, "the count of a group");
	walk->groups++;
	test_free(list);
}

static bool
group_goes_before(struct ts_holders_group *a, struct ts_holders_group *b)
{
	struct ts_holders_source *of_a = ts_holders_heaviest_of(a);
	struct ts_holders_source *of_b = ts_holders_heaviest_of(b);

	if (of_a->count == of_b->count && a->count != b->count)
		return a->count > b->count;
	return goes_before(of_a, of_b);
}

static void
walk_groups(struct walk *walk)
{
	struct ts_holders_group **list =
	    test_calloc(walk->holders->count + 1, sizeof(*list));
	uint32_t count = 0;

	walk->room = walk->holders->count;
	(void)groups_flatten(walk, RB_ROOT(&walk->holders->heaviest), list,
	    &count);
	for (uint32_t i = 0; i < count; i++) {
		walk_sources(walk, list[i]);
		demand(walk,
		    ts_holders_find_group(walk->holders, list[i]->key) ==
			list[i],
		    "a group is found");
		demand(walk, i == 0 || group_goes_before(list[i - 1], list[i]),
		    "the order of the groups");
	}
	test_free(list);
}

static void
walk_all(struct walk *walk)
{
	struct ts_holders_connection **list =
	    test_calloc(walk->holders->count + 1, sizeof(*list));
	uint32_t count = 0;

	walk->room = walk->holders->count;
	(void)all_flatten(walk, RB_ROOT(&walk->holders->all), list, &count);
	demand(walk, count == walk->holders->count, "the count of all");
	for (uint32_t i = 0; i < count; i++) {
		demand(walk, list[i]->source != NULL,
		    "a connection has a source");
		demand(walk, i == 0 || is_staler(list[i - 1], list[i]),
		    "the order of all");
		walk->young += list[i]->is_young;
	}
	test_free(list);
}

static void
walk_young(struct walk *walk)
{
	const struct ts_holders_connection *connection =
	    TAILQ_FIRST(&walk->holders->young);
	struct ts_monotime last = { INT64_MIN };
	uint32_t count = 0;

	while (connection != NULL) {
		demand(walk, ++count <= walk->young, "as many young ones");
		demand(walk, connection->is_young, "the young are young");
		demand(walk, last.ns <= connection->admitted.ns,
		    "the oldest of the young is first");
		last = connection->admitted;
		connection = TAILQ_NEXT(connection, of_young);
	}
	demand(walk, count == walk->young, "all the young are listed");
}

/* How many places are chained, and how long the longest chain is. */
static uint32_t
count_sources(const struct ts_holders *holders, uint32_t *ret_longest)
{
	uint32_t total = 0;

	for (uint32_t i = 0; i < holders->bucket_count; i++) {
		uint32_t place = holders->source_buckets[i];
		uint32_t count = 0;

		for (; place != TS_SLOTS_NONE && count <= holders->capacity;
		     place = holders->sources[place].next)
			count++;
		total += count;
		*ret_longest = count > *ret_longest ? count : *ret_longest;
	}
	return total;
}

static uint32_t
count_groups(const struct ts_holders *holders, uint32_t *ret_longest)
{
	uint32_t total = 0;

	for (uint32_t i = 0; i < holders->bucket_count; i++) {
		uint32_t place = holders->group_buckets[i];
		uint32_t count = 0;

		for (; place != TS_SLOTS_NONE && count <= holders->capacity;
		     place = holders->groups[place].next)
			count++;
		total += count;
		*ret_longest = count > *ret_longest ? count : *ret_longest;
	}
	return total;
}

void
holders_shape_check(struct ts_holders *holders, uint64_t seed)
{
	struct walk walk = { .holders = holders, .seed = seed };
	uint32_t longest = 0;

	walk_all(&walk);
	walk_groups(&walk);
	walk_young(&walk);
	demand(&walk, walk.connections == holders->count,
	    "the sources hold all there are");
	demand(&walk, walk.sources == holders->source_slots.used,
	    "no place of a source is lost");
	demand(&walk, walk.groups == holders->group_slots.used,
	    "no place of a group is lost");
	demand(&walk, walk.sources == count_sources(holders, &longest),
	    "the chains have the sources there are");
	demand(&walk, walk.groups == count_groups(holders, &longest),
	    "the chains have the groups there are");
}

uint32_t
holders_shape_longest_chain(const struct ts_holders *holders)
{
	uint32_t longest = 0;

	(void)count_sources(holders, &longest);
	(void)count_groups(holders, &longest);
	return longest;
}
