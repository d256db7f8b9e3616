/* SPDX-License-Identifier: MIT */
/* Sources and groups of the holders, found by a keyed hash. */
#include "core/source_table_index.h"

#include <assert.h>

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

struct ts_holders_source *
ts_holders_make_source(struct ts_holders *holders, struct ts_source key)
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

void
ts_holders_forget_group(struct ts_holders *holders,
    struct ts_holders_group *group)
{
	uint32_t place = (uint32_t)(group - holders->groups);
	uint32_t *link =
	    &holders->group_buckets[bucket_of(holders, group->key)];

	while (*link != place)
		link = &holders->groups[*link].next;
	*link = group->next;
	ts_slots_remove(&holders->group_slots, place);
}

void
ts_holders_forget_source(struct ts_holders *holders,
    struct ts_holders_source *source)
{
	uint32_t place = (uint32_t)(source - holders->sources);
	uint32_t *link =
	    &holders->source_buckets[bucket_of(holders, source->key)];

	while (*link != place)
		link = &holders->sources[*link].next;
	*link = source->next;
	ts_slots_remove(&holders->source_slots, place);
}
