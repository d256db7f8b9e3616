/* SPDX-License-Identifier: MIT */
/*
 * Who holds how much.
 *
 * Three orders are kept: the connections of a source by how stale they are,
 * the sources of a group by how heavy, the groups by their heaviest source.
 * What changes a place in an order is lifted out first and put back after.
 */
#include "core/holders.h"

#include <assert.h>
#include <string.h>

/* Not every function that a tree brings is wanted. */
#define TREE __attribute__((unused)) static

/* --- The orders ---------------------------------------------------------- */

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

/* --- Keeping them -------------------------------------------------------- */

/* Out of the orders, so that it, its group or its connections may change. */
static void
lift(struct ts_holders *holders, struct ts_holders_source *source)
{
	RB_REMOVE(ts_holders_groups, &holders->heaviest, source->group);
	RB_REMOVE(ts_holders_sources, &source->group->sources, source);
}

/* Back in; a source or group that holds nothing has no place in an order. */
static void
put_back(struct ts_holders *holders, struct ts_holders_source *source)
{
	struct ts_holders_group *group = source->group;

	if (source->count > 0)
		(void)RB_INSERT(ts_holders_sources, &group->sources, source);
	if (group->count > 0)
		(void)RB_INSERT(ts_holders_groups, &holders->heaviest, group);
}

static void
insert(struct ts_holders *holders, struct ts_holders_connection *connection)
{
	(void)RB_INSERT(ts_holders_connections,
	    &connection->source->connections, connection);
	(void)RB_INSERT(ts_holders_all, &holders->all, connection);
}

static void
extract(struct ts_holders *holders, struct ts_holders_connection *connection)
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
		lift(holders, oldest->source);
		extract(holders, oldest);
		TAILQ_REMOVE(&holders->young, oldest, of_young);
		oldest->is_young = false;
		insert(holders, oldest);
		put_back(holders, oldest->source);
	}
}

/* --- Sources and groups, found by a keyed hash --------------------------- */

static bool
is_same(struct ts_source a, struct ts_source b)
{
	return a.kind == b.kind && a.bits == b.bits;
}

static uint32_t
bucket_of(const struct ts_holders *holders, struct ts_source key)
{
	uint64_t hash = ts_siphash(&holders->key, key.kind, key.bits);

	return (uint32_t)hash & (holders->bucket_count - 1);
}

struct ts_holders_source *
ts_holders_find_source(const struct ts_holders *holders, struct ts_source key)
{
	uint32_t place = holders->source_buckets[bucket_of(holders, key)];

	while (place != TS_SLOTS_NONE &&
	    !is_same(holders->sources[place].key, key))
		place = holders->sources[place].next;
	return place == TS_SLOTS_NONE ? NULL : &holders->sources[place];
}

struct ts_holders_group *
ts_holders_find_group(const struct ts_holders *holders, struct ts_source key)
{
	uint32_t place = holders->group_buckets[bucket_of(holders, key)];

	while (
	    place != TS_SLOTS_NONE && !is_same(holders->groups[place].key, key))
		place = holders->groups[place].next;
	return place == TS_SLOTS_NONE ? NULL : &holders->groups[place];
}

static struct ts_holders_group *
make_group(struct ts_holders *holders, struct ts_source key)
{
	uint32_t *bucket = &holders->group_buckets[bucket_of(holders, key)];
	uint32_t place = ts_slots_add(&holders->group_slots);

	assert(place != TS_SLOTS_NONE);
	holders->groups[place] = (struct ts_holders_group){
		.key = key,
		.next = *bucket,
	};
	*bucket = place;
	return &holders->groups[place];
}

static struct ts_holders_source *
make_source(struct ts_holders *holders, struct ts_source key)
{
	uint32_t *bucket = &holders->source_buckets[bucket_of(holders, key)];
	uint32_t place = ts_slots_add(&holders->source_slots);
	struct ts_source group_key = ts_addr_group(key);
	struct ts_holders_group *group =
	    ts_holders_find_group(holders, group_key);

	assert(place != TS_SLOTS_NONE);
	holders->sources[place] = (struct ts_holders_source){
		.key = key,
		.group = group != NULL ? group : make_group(holders, group_key),
		.next = *bucket,
	};
	*bucket = place;
	return &holders->sources[place];
}

static void
forget_group(struct ts_holders *holders, struct ts_holders_group *group)
{
	uint32_t place = (uint32_t)(group - holders->groups);
	uint32_t *link =
	    &holders->group_buckets[bucket_of(holders, group->key)];

	while (*link != place)
		link = &holders->groups[*link].next;
	*link = group->next;
	ts_slots_remove(&holders->group_slots, place);
}

static void
forget_source(struct ts_holders *holders, struct ts_holders_source *source)
{
	uint32_t place = (uint32_t)(source - holders->sources);
	uint32_t *link =
	    &holders->source_buckets[bucket_of(holders, source->key)];

	while (*link != place)
		link = &holders->sources[*link].next;
	*link = source->next;
	ts_slots_remove(&holders->source_slots, place);
}

/* --- The calls ----------------------------------------------------------- */

/* The sizes of what ts_holders_init() lays out, in its order. */
static size_t
bytes_before_buckets(uint32_t n)
{
	return n *
	    (sizeof(struct ts_holders_connection) +
		sizeof(struct ts_holders_source) +
		sizeof(struct ts_holders_group));
}

size_t
ts_holders_memory_bytes(uint32_t capacity)
{
	return bytes_before_buckets(capacity) +
	    sizeof(uint32_t) *
	    (2 * (size_t)capacity + 2 * ts_slots_bucket_count(capacity));
}

void
ts_holders_init(struct ts_holders *holders, void *memory, uint32_t capacity,
    const struct ts_siphash_key *key)
{
	uint32_t n = capacity;
	uint32_t *words =
	    (uint32_t *)((char *)memory + bytes_before_buckets(n));

	memset(memory, 0, ts_holders_memory_bytes(n));
	*holders = (struct ts_holders){
		.key = *key,
		.capacity = n,
		.bucket_count = ts_slots_bucket_count(n),
		.connections = memory,
	};
	holders->sources =
	    (struct ts_holders_source *)(holders->connections + n);
	holders->groups = (struct ts_holders_group *)(holders->sources + n);
	ts_slots_init(&holders->source_slots, words, n);
	ts_slots_init(&holders->group_slots, words + n, n);
	holders->source_buckets = words + 2 * (size_t)n;
	holders->group_buckets =
	    holders->source_buckets + holders->bucket_count;
	for (uint32_t i = 0; i < 2 * holders->bucket_count; i++)
		holders->source_buckets[i] = TS_SLOTS_NONE;
	RB_INIT(&holders->all);
	RB_INIT(&holders->heaviest);
	TAILQ_INIT(&holders->young);
}

void
ts_holders_add(struct ts_holders *holders, uint32_t id, struct ts_source source,
    struct ts_monotime now)
{
	struct ts_holders_connection *connection = &holders->connections[id];
	struct ts_holders_source *own = ts_holders_find_source(holders, source);

	assert(id < holders->capacity && connection->source == NULL);
	if (own != NULL) {
		lift(holders, own);
	} else {
		own = make_source(holders, source);
		if (own->group->count > 0)
			RB_REMOVE(ts_holders_groups, &holders->heaviest,
			    own->group);
	}
	*connection = (struct ts_holders_connection){
		.source = own,
		.admitted = now,
		.credit = ts_monotime_add_ms(now, TS_HOLDERS_CREDIT_MS),
		.is_young = true,
	};
	TAILQ_INSERT_TAIL(&holders->young, connection, of_young);
	insert(holders, connection);
	own->count++;
	own->group->count++;
	holders->count++;
	put_back(holders, own);
}

void
ts_holders_remove(struct ts_holders *holders, uint32_t id)
{
	struct ts_holders_connection *connection = &holders->connections[id];
	struct ts_holders_source *source = connection->source;

	if (source == NULL)
		return;
	lift(holders, source);
	extract(holders, connection);
	if (connection->is_young)
		TAILQ_REMOVE(&holders->young, connection, of_young);
	connection->source = NULL;
	source->count--;
	source->group->count--;
	holders->count--;
	put_back(holders, source);
	if (source->group->count == 0)
		forget_group(holders, source->group);
	if (source->count == 0)
		forget_source(holders, source);
}

/* How long it takes to move `bytes` at the least rate. */
static uint32_t
credit_ms(uint64_t bytes)
{
	const uint64_t rate = TS_HOLDERS_RATE_BYTES_PER_S;
	uint64_t seconds = bytes / rate;

	/* Nobody waits for longer than this, and nothing overflows. */
	if (seconds >= (UINT32_MAX - TS_HOLDERS_CREDIT_MS) / 1000)
		return UINT32_MAX - TS_HOLDERS_CREDIT_MS;
	return (uint32_t)(seconds * 1000 + bytes % rate * 1000 / rate);
}

void
ts_holders_credit(struct ts_holders *holders, uint32_t id, uint64_t bytes)
{
	struct ts_holders_connection *connection = &holders->connections[id];

	assert(connection->source != NULL);
	lift(holders, connection->source);
	extract(holders, connection);
	connection->credit = ts_monotime_add_ms(connection->admitted,
	    TS_HOLDERS_CREDIT_MS + credit_ms(bytes));
	insert(holders, connection);
	put_back(holders, connection->source);
}
