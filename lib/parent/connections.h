/* SPDX-License-Identifier: MIT */
/*
 * Every connection that the parent holds, from accept(2) to close(2).
 *
 * A connection keeps its id, and with it all that is known of it, while it is
 * served, parked, served again, waits and lingers.  The parent keeps a
 * descriptor of its own for each; a child gets a copy.
 */
#ifndef TS_PARENT_CONNECTIONS_H
#define TS_PARENT_CONNECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "core/addr.h"
#include "core/deadline.h"
#include "core/exit_reason.h"
#include "core/message.h"
#include "core/network_table.h"
#include "core/progress.h"
#include "os/arena.h"

enum ts_connection_state {
	/* The id is free. */
	TS_CONNECTION_NONE,
	/* Accepted, or come back; what becomes of it is being decided. */
	TS_CONNECTION_NEW,
	/* Waits for a slot. */
	TS_CONNECTION_WAITING,
	/* Has a slot, and a child, until that is reaped. */
	TS_CONNECTION_SERVED,
	/* Waits without a slot for its client to send something. */
	TS_CONNECTION_PARKED,
	/* Is closed in order, see parent/lingering_close.h. */
	TS_CONNECTION_LINGERING,
};

struct ts_connection {
	/* The parent's own descriptor. */
	int fd;
	enum ts_connection_state state;
	/* Which listener accepted it. */
	unsigned listener;
	struct ts_addr peer;
	struct ts_chain chain;
	/* For how long it has had slots, and what it moved meanwhile. */
	struct ts_standing standing;
	/* It was served before. */
	bool is_resumed;
	/* What its last handler has left with it. */
	uint32_t state_bytes;
	unsigned char kept[TS_MESSAGE_STATE_BYTES];

	/* --- While it is served --- */
	TAILQ_ENTRY(ts_connection) in_served;
	pid_t pid;
	enum ts_kill_reason kill;
	/* The child has been reaped: its process id may be another's. */
	bool is_reaped;
	/* How many messages its child has sent. */
	uint32_t messages;
	/* The child was asked to give up its slot. */
	bool was_asked;
	/* It was no more when it was last looked at. */
	bool is_gone;
	/* Where its child gets its descriptor from, see os/fd_window.h. */
	uint64_t lease;
	struct ts_monotime life_end;
	struct ts_progress progress;

	/* --- While it is parked --- */
	/* What its client had not acknowledged when it was parked. */
	uint32_t owed_bytes;

	/* --- While it lingers --- */
	/* How much the client may still send. */
	size_t drain_bytes;
};

TAILQ_HEAD(ts_connection_list, ts_connection);

/* One deadline for each connection; its meaning depends on the state. */
struct ts_connections {
	struct ts_slots slots;
	struct ts_connection *all;
	struct ts_deadline deadline;
	/* Those that are served, oldest first. */
	struct ts_connection_list served;
	/* How many there are in each of these states. */
	uint32_t parked;
	uint32_t waiting;
	uint32_t lingering;
};

/* How many bytes of an arena `ids` connections take. */
size_t ts_connections_room(uint32_t ids);

/*
 * Starts empty, in memory of the arena.  The struct may not be moved
 * afterwards.
 */
void ts_connections_init(struct ts_connections *connections,
    struct ts_table *arena, uint32_t ids);

/*
 * Enters a connection that was accepted; `fd` is its from here on.  Returns its
 * id, or TS_SLOTS_NONE if there is no room: then `fd` stays the caller's.
 */
uint32_t ts_connections_add(struct ts_connections *connections, int fd);

/*
 * Closes a connection in whatever way its socket is set to, and frees its id.
 * It stands in no other table.
 */
void ts_connections_close(struct ts_connections *connections, uint32_t id);

/* The id of a connection. */
static inline uint32_t
ts_connections_id(const struct ts_connections *connections,
    const struct ts_connection *connection)
{
	return (uint32_t)(connection - connections->all);
}

/* Changes its state, and clears its deadline. */
void ts_connections_set_state(struct ts_connections *connections, uint32_t id,
    enum ts_connection_state state);

#endif
