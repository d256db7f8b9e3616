/* SPDX-License-Identifier: MIT */
/*
 * Closes connections so that what was sent to them arrives: half-close, then
 * read and discard until the client closes as well, within a bound on time and
 * bytes.  A socket that is closed with unread input sends a reset, which would
 * destroy the answer at the client.
 *
 * At most TS_LINGERING_CLOSE_COUNT connections at a time; beyond that the
 * heaviest network's oldest makes room, or the connection itself is closed.
 */
#ifndef TS_PARENT_LINGERING_CLOSE_H
#define TS_PARENT_LINGERING_CLOSE_H

#include "os/poller.h"
#include "parent/connections.h"

#define TS_LINGERING_CLOSE_COUNT 64

struct ts_lingering_close {
	struct ts_connections *connections;
	struct ts_network_table networks;
	struct ts_poller *poller;
	/* The tag of connection `id` in the poll set is first_tag + id. */
	uint64_t first_tag;
	uint32_t linger_ms;
};

/* How many bytes of an arena it takes for connections below `ids`. */
size_t ts_lingering_close_room(uint32_t ids);

/* Takes its memory from the arena; the other fields are set by the caller. */
void ts_lingering_close_init(struct ts_lingering_close *lingering,
    struct ts_table *arena, uint32_t ids, const struct ts_siphash_key *key);

/*
 * Begins to close connection `id`, which is new.  `message` (may be NULL) is
 * sent before, as far as the socket takes it without waiting.
 */
void ts_lingering_close_begin(struct ts_lingering_close *lingering, uint32_t id,
    const char *message, struct ts_monotime now);

/* Connection `id` has sent something, or has closed. */
void ts_lingering_close_drain(struct ts_lingering_close *lingering,
    uint32_t id);

/* Closes connection `id` at once: its time is over. */
void ts_lingering_close_end(struct ts_lingering_close *lingering, uint32_t id);

#endif
