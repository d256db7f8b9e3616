/* SPDX-License-Identifier: MIT */
/* Penalty points of sources, which halve every minute. */
#include "core/penalties.h"

#include <assert.h>
#include <stddef.h>

#define UNITS 1024
#define SECOND_NS INT64_C(1000000000)
/* After as many halvings nothing is left of any number. */
#define HALVINGS 64

/* What is left after 1, 2, 4, ... seconds: 2 to the power of -s/60. */
#define WHOLE (UINT64_C(1) << 32)
static const uint64_t left_after[] = {
	UINT64_C(4245635389),
	UINT64_C(4196870107),
	UINT64_C(4101013462),
	UINT64_C(3915818271),
	UINT64_C(3570139579),
	UINT64_C(2967635313),
};

static uint64_t
left_of(uint64_t units, uint64_t seconds)
{
	uint64_t halvings = seconds / TS_PENALTY_HALF_LIFE_S;
	uint64_t rest = seconds % TS_PENALTY_HALF_LIFE_S;
	uint64_t factor = WHOLE;

	if (halvings >= HALVINGS)
		return 0;
	for (unsigned i = 0; rest >> i != 0; i++)
		if ((rest >> i & 1) != 0)
			factor = factor * left_after[i] / WHOLE;
	return (units >> halvings) * factor / WHOLE;
}

/* Time does not go back; where it seems to, none has passed. */
static uint64_t
seconds_since(struct ts_monotime then, struct ts_monotime now)
{
	if (ts_monotime_is_before(now, then))
		return 0;
	return (uint64_t)(now.ns - then.ns) / SECOND_NS;
}

static uint64_t
units_at(const struct ts_penalty *entry, struct ts_monotime now)
{
	return left_of(entry->units, seconds_since(entry->at, now));
}

/*
 * Brings an entry up to `now`, by whole seconds: the rest of a second is not
 * lost, so points halve as fast for one that gets some every moment.
 */
static void
update(struct ts_penalty *entry, struct ts_monotime now)
{
	uint64_t seconds = seconds_since(entry->at, now);

	entry->units = left_of(entry->units, seconds);
	entry->at.ns += (int64_t)seconds * SECOND_NS;
}

static struct ts_penalty *
bucket_of(const struct ts_penalties *penalties, struct ts_network source)
{
	uint64_t hash = ts_siphash(&penalties->key, source.kind, source.bits);

	return &penalties->entries[ts_penalties_entries(
	    (uint32_t)(hash % penalties->bucket_count))];
}

static struct ts_penalty *
find(const struct ts_penalties *penalties, struct ts_network source)
{
	struct ts_penalty *bucket = bucket_of(penalties, source);

	for (unsigned i = 0; i < TS_PENALTIES_WAYS; i++)
		if (bucket[i].units > 0 &&
		    ts_network_is_same(bucket[i].source, source))
			return &bucket[i];
	return NULL;
}

/* The entry of a bucket that has the fewest points now, or is free. */
static struct ts_penalty *
find_least(struct ts_penalty *bucket, struct ts_monotime now)
{
	struct ts_penalty *least = bucket;

	for (unsigned i = 1; i < TS_PENALTIES_WAYS; i++)
		if (units_at(&bucket[i], now) < units_at(least, now))
			least = &bucket[i];
	return least;
}

void
ts_penalties_init(struct ts_penalties *penalties, struct ts_penalty *entries,
    uint32_t bucket_count, const struct ts_siphash_key *key)
{
	assert(bucket_count > 0);
	penalties->entries = entries;
	penalties->bucket_count = bucket_count;
	penalties->key = *key;
	for (uint32_t i = 0; i < ts_penalties_entries(bucket_count); i++)
		entries[i] = (struct ts_penalty){ .units = 0 };
}

void
ts_penalties_add(struct ts_penalties *penalties, struct ts_network source,
    uint32_t points, struct ts_monotime now)
{
	const uint64_t most = (uint64_t)TS_PENALTY_MOST * UNITS - 1;
	struct ts_penalty *entry = find(penalties, source);

	assert(points >= 1 && points <= TS_PENALTY_REPORTED_MOST);
	if (entry == NULL) {
		entry = find_least(bucket_of(penalties, source), now);
		*entry = (struct ts_penalty){ .source = source, .at = now };
	}
	update(entry, now);
	entry->units += (uint64_t)points * UNITS;
	if (entry->units > most)
		entry->units = most;
}

bool
ts_penalties_holds(const struct ts_penalties *penalties,
    struct ts_network source, struct ts_monotime now)
{
	const struct ts_penalty *entry = find(penalties, source);

	return entry != NULL &&
	    units_at(entry, now) >= (uint64_t)TS_PENALTY_THRESHOLD * UNITS;
}

bool
ts_penalties_forgive(struct ts_penalties *penalties, struct ts_network source)
{
	struct ts_penalty *entry = find(penalties, source);

	if (entry == NULL)
		return false;
	*entry = (struct ts_penalty){ .units = 0 };
	return true;
}

/* In how many seconds so many units are fewer than the threshold. */
static uint32_t
left_s(uint64_t units)
{
	uint32_t low = 0;
	uint32_t high = TS_PENALTY_LONGEST_S + 1;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (left_of(units, middle) <
		    (uint64_t)TS_PENALTY_THRESHOLD * UNITS)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

bool
ts_penalties_next(const struct ts_penalties *penalties, uint32_t *cursor,
    struct ts_monotime now, struct ts_penalty_view *ret_view)
{
	uint32_t count = ts_penalties_entries(penalties->bucket_count);

	while (*cursor < count) {
		const struct ts_penalty *entry =
		    &penalties->entries[(*cursor)++];
		uint64_t units = units_at(entry, now);

		if (units < UNITS)
			continue;
		*ret_view = (struct ts_penalty_view){
			.source = entry->source,
			.points = (uint32_t)(units / UNITS),
			.left_s = left_s(units),
		};
		return true;
	}
	return false;
}
