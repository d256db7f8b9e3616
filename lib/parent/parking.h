/* SPDX-License-Identifier: MIT */
/*
 * Parked connections: they wait without a process for their clients to send
 * something, for the first time or again.
 *
 * While all places of parked connections are taken, a newcomer closes the
 * oldest connection of the heaviest network in order.
 */
#ifndef TS_PARENT_PARKING_H
#define TS_PARENT_PARKING_H

#include "core/overload.h"
#include "os/poller.h"
#include "parent/connections.h"
#include "parent/events.h"

struct ts_parking {
	struct ts_connections *connections;
	struct ts_network_table networks;
	struct ts_poller *poller;
	/* The tag of connection `id` in the poll set is first_tag + id. */
	uint64_t first_tag;
	struct ts_events *events;
	/* Most parked connections; 0 < most. */
	uint32_t most;
	/* How long a connection may stay, before its first byte and after. */
	uint32_t first_byte_ms;
	uint32_t parked_ms;
	/* Nearly all places are taken: connections may stay half as long. */
	struct ts_stress overload;
};

/* How many bytes of an arena it takes for connections below `ids`. */
size_t ts_parking_room(uint32_t ids, uint32_t most);

/*
 * Takes its memory from the arena, for `most` connections; the other fields are
 * set by the caller.
 */
void ts_parking_init(struct ts_parking *parking, struct ts_table *arena,
    uint32_t ids, uint32_t most, const struct ts_siphash_key *key);

/* Parks connection `id`, which is new. */
void ts_parking_add(struct ts_parking *parking, uint32_t id,
    struct ts_monotime now);

/*
 * Whether the client of parked connection `id`, which was reported as ready,
 * has sent something: then it is new again.  One whose client has gone is
 * closed.
 */
bool ts_parking_take(struct ts_parking *parking, uint32_t id);

/*
 * The time of parked connection `id` is over: it is closed in order, or reset
 * if its client has not taken what was sent to it at the least rate.
 */
void ts_parking_expire(struct ts_parking *parking, uint32_t id);

/* Closes parked connection `id` in order: the server stops. */
void ts_parking_close(struct ts_parking *parking, uint32_t id);

#endif
