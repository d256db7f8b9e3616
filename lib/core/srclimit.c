/* SPDX-License-Identifier: MIT */
/* May this source have one more: how many connections each source holds. */
#include "core/srclimit.h"

#include <assert.h>
#include <stdbool.h>

static uint32_t
bucket_of(const struct ts_srclimit *limit, struct ts_source source)
{
	uint64_t hash = ts_siphash(&limit->key, source.kind, source.bits);

	return (uint32_t)hash & (limit->bucket_count - 1);
}

static bool
is_same(struct ts_source a, struct ts_source b)
{
	return a.kind == b.kind && a.bits == b.bits;
}

static uint32_t
find(const struct ts_srclimit *limit, uint32_t bucket, struct ts_source source)
{
	uint32_t place = limit->buckets[bucket];

	while (place != TS_SLOTS_NONE &&
	    !is_same(limit->entries[place].source, source))
		place = limit->entries[place].next;
	return place;
}

static uint32_t
enter(struct ts_srclimit *limit, uint32_t bucket, struct ts_source source)
{
	uint32_t place = ts_slots_add(&limit->slots);

	assert(place != TS_SLOTS_NONE);
	limit->entries[place] = (struct ts_srclimit_entry){
		.source = source,
		.count = 0,
		.next = limit->buckets[bucket],
	};
	limit->buckets[bucket] = place;
	return place;
}

static void
leave(struct ts_srclimit *limit, uint32_t place)
{
	struct ts_source source = limit->entries[place].source;
	uint32_t *link = &limit->buckets[bucket_of(limit, source)];

	while (*link != place)
		link = &limit->entries[*link].next;
	*link = limit->entries[place].next;
	ts_slots_remove(&limit->slots, place);
}

void
ts_srclimit_init(struct ts_srclimit *limit,
    const struct ts_srclimit_memory *memory, uint32_t capacity, uint32_t share,
    const struct ts_siphash_key *key)
{
	ts_slots_init(&limit->slots, memory->next, capacity);
	limit->entries = memory->entries;
	limit->buckets = memory->buckets;
	limit->bucket_count = ts_slots_bucket_count(capacity);
	limit->share = share;
	limit->key = *key;
	for (uint32_t i = 0; i < limit->bucket_count; i++)
		limit->buckets[i] = TS_SLOTS_NONE;
}

uint32_t
ts_srclimit_add(struct ts_srclimit *limit, struct ts_source source)
{
	uint32_t bucket = bucket_of(limit, source);
	uint32_t place = find(limit, bucket, source);

	if (place == TS_SLOTS_NONE)
		place = enter(limit, bucket, source);
	else if (limit->entries[place].count >= limit->share)
		return TS_SLOTS_NONE;
	limit->entries[place].count++;
	return place;
}

void
ts_srclimit_remove(struct ts_srclimit *limit, uint32_t place)
{
	assert(limit->entries[place].count > 0);
	if (--limit->entries[place].count == 0)
		leave(limit, place);
}

uint32_t
ts_srclimit_count(const struct ts_srclimit *limit, struct ts_source source)
{
	uint32_t place = find(limit, bucket_of(limit, source), source);

	return place == TS_SLOTS_NONE ? 0 : limit->entries[place].count;
}
