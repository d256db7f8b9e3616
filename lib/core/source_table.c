/* SPDX-License-Identifier: MIT */
/* Who holds how much: what enters, what leaves, what has moved. */
#include "core/source_table.h"

#include <assert.h>
#include <string.h>

#include "core/source_table_index.h"
#include "core/source_table_order.h"

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
		ts_holders_lift(holders, own);
	} else {
		own = ts_holders_make_source(holders, source);
		ts_holders_lift_group(holders, own->group);
	}
	*connection = (struct ts_holders_connection){
		.source = own,
		.admitted = now,
		.credit = ts_monotime_add_ms(now, TS_HOLDERS_CREDIT_MS),
		.is_young = true,
	};
	TAILQ_INSERT_TAIL(&holders->young, connection, of_young);
	ts_holders_insert(holders, connection);
	own->count++;
	own->group->count++;
	holders->count++;
	ts_holders_put_back(holders, own);
}

void
ts_holders_remove(struct ts_holders *holders, uint32_t id)
{
	struct ts_holders_connection *connection = &holders->connections[id];
	struct ts_holders_source *source = connection->source;

	if (source == NULL)
		return;
	ts_holders_lift(holders, source);
	ts_holders_extract(holders, connection);
	if (connection->is_young)
		TAILQ_REMOVE(&holders->young, connection, of_young);
	connection->source = NULL;
	source->count--;
	source->group->count--;
	holders->count--;
	ts_holders_put_back(holders, source);
	if (source->group->count == 0)
		ts_holders_forget_group(holders, source->group);
	if (source->count == 0)
		ts_holders_forget_source(holders, source);
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
	ts_holders_lift(holders, connection->source);
	ts_holders_extract(holders, connection);
	connection->credit = ts_monotime_add_ms(connection->admitted,
	    TS_HOLDERS_CREDIT_MS + credit_ms(bytes));
	ts_holders_insert(holders, connection);
	ts_holders_put_back(holders, connection->source);
}
