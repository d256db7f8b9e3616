/* SPDX-License-Identifier: MIT */
/*
 * Who holds how much: connections, the sources they came from, the groups of
 * these, each in the order in which they would have to go.
 *
 * A source is an IPv4 address, an IPv6 /64 or a local user; a group is an
 * IPv4 /24, an IPv6 /48, or that user alone.
 *
 * Every connection has a credit deadline: 5 s from its admission, and later by
 * what it has moved at the least rate.  The stalest connection is the one
 * with the earliest, of equals the one at the lower place; but nothing younger
 * than a second is staler than what is older.  The heaviest source has the
 * most connections; among equals, the one of the heavier group, then the one
 * with the stalest connection.
 *
 * Every call costs O(log n) at most, in memory that is handed in once; only
 * ripening takes as much for each connection, once in its life.
 * Sources and groups are found by a keyed hash, and are there exactly while
 * they hold a connection: so no choice of addresses makes the table slow, or
 * full before all its places are taken.
 */
#ifndef TS_CORE_SOURCE_TABLE_H
#define TS_CORE_SOURCE_TABLE_H

#include <bsd/sys/tree.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "core/addr.h"
#include "core/monotime.h"
#include "core/siphash.h"
#include "core/slots.h"

/* How long a connection is young. */
#define TS_HOLDERS_YOUNG_MS 1000
/* How long a connection may do nothing before it is overdue. */
#define TS_HOLDERS_CREDIT_MS 5000
/* What it must move beyond that. */
#define TS_HOLDERS_RATE_BYTES_PER_S 500

struct ts_holders_source;
struct ts_holders_group;

/* One connection, in the order of its source and in that of all. */
struct ts_holders_connection {
	RB_ENTRY(ts_holders_connection) of_source;
	RB_ENTRY(ts_holders_connection) of_all;
	/* Only while it is young. */
	TAILQ_ENTRY(ts_holders_connection) of_young;
	/* NULL: the place is free. */
	struct ts_holders_source *source;
	struct ts_monotime admitted;
	struct ts_monotime credit;
	bool is_young;
};

RB_HEAD(ts_holders_connections, ts_holders_connection);
RB_HEAD(ts_holders_all, ts_holders_connection);
TAILQ_HEAD(ts_holders_youth, ts_holders_connection);

/* A source that holds `count` connections, at least one. */
struct ts_holders_source {
	RB_ENTRY(ts_holders_source) of_group;
	struct ts_source key;
	struct ts_holders_group *group;
	struct ts_holders_connections connections;
	uint32_t count;
	/* The next of its bucket, by place. */
	uint32_t next;
};

RB_HEAD(ts_holders_sources, ts_holders_source);

/* A group whose sources hold `count` connections together. */
struct ts_holders_group {
	RB_ENTRY(ts_holders_group) of_all;
	struct ts_source key;
	struct ts_holders_sources sources;
	uint32_t count;
	/* The next of its bucket, by place. */
	uint32_t next;
};

RB_HEAD(ts_holders_groups, ts_holders_group);

struct ts_holders {
	struct ts_siphash_key key;
	uint32_t capacity;
	/* How many connections there are. */
	uint32_t count;
	struct ts_holders_connection *connections;
	struct ts_holders_source *sources;
	struct ts_holders_group *groups;
	struct ts_slots source_slots;
	struct ts_slots group_slots;
	/* Heads of the chains; bucket_count of each. */
	uint32_t *source_buckets;
	uint32_t *group_buckets;
	uint32_t bucket_count;
	/* Stalest first. */
	struct ts_holders_all all;
	/* By their heaviest source, heaviest first. */
	struct ts_holders_groups heaviest;
	/* Oldest first. */
	struct ts_holders_youth young;
};

/* How many bytes of memory a table for `capacity` connections takes. */
size_t ts_holders_memory_bytes(uint32_t capacity);

/*
 * Starts empty.  `memory` is aligned as malloc(3) would, and has
 * ts_holders_memory_bytes(capacity); it stays the caller's.  From here on
 * the struct stays where it is: its list points into it.
 */
void ts_holders_init(struct ts_holders *holders, void *memory,
    uint32_t capacity, const struct ts_siphash_key *key);

/* Enters connection `id`, which is free and below the capacity. */
void ts_holders_add(struct ts_holders *holders, uint32_t id,
    struct ts_source key, struct ts_monotime now);

/* Takes connection `id` out; harmless if it is not there. */
void ts_holders_remove(struct ts_holders *holders, uint32_t id);

/* Connection `id` has moved `bytes` so far: its credit deadline is later. */
void ts_holders_credit(struct ts_holders *holders, uint32_t id, uint64_t bytes);

/* Those that are a second old by `now` are no longer young. */
void ts_holders_ripen(struct ts_holders *holders, struct ts_monotime now);

/* What is held by a source, or a group; NULL: nothing. */
struct ts_holders_source *ts_holders_find_source(
    const struct ts_holders *holders, struct ts_source key);
struct ts_holders_group *ts_holders_find_group(const struct ts_holders *holders,
    struct ts_source key);

/* The stalest connection of a source, or of all; then there must be one. */
struct ts_holders_connection *ts_holders_stalest_of(
    struct ts_holders_source *source);
struct ts_holders_connection *ts_holders_stalest(struct ts_holders *holders);

/* The heaviest source of a group, or of all; then there must be one. */
struct ts_holders_source *ts_holders_heaviest_of(
    struct ts_holders_group *group);
struct ts_holders_source *ts_holders_heaviest(struct ts_holders *holders);

/* A source, and how many connections it has. */
struct ts_holders_weight {
	struct ts_source source;
	uint32_t count;
};

/* So many of the heaviest are listed at most. */
#define TS_HOLDERS_LISTED 10

/*
 * Lists the heaviest sources of all, heaviest first.  Returns how many.  Its
 * cost is bounded: TS_HOLDERS_LISTED sources of as many groups.
 */
unsigned ts_holders_list_heaviest(struct ts_holders *holders,
    struct ts_holders_weight ret_weights[TS_HOLDERS_LISTED]);

#endif
