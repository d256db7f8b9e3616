/* SPDX-License-Identifier: MIT */
/* Every connection that the parent holds. */
#include "parent/connections.h"

#include <assert.h>
#include <string.h>

#include "os/fd.h"

size_t
ts_connections_room(uint32_t ids)
{
	return ts_table_room(ids, sizeof(struct ts_connection)) +
	    ts_table_room(ids, sizeof(struct ts_deadline_entry)) +
	    2 * ts_table_room(ids, sizeof(uint32_t));
}

void
ts_connections_init(struct ts_connections *connections, struct ts_table *arena,
    uint32_t ids)
{
	*connections = (struct ts_connections){ .parked = 0 };
	TAILQ_INIT(&connections->served);
	ts_slots_init(&connections->slots,
	    ts_table_take(arena, ids, sizeof(uint32_t)), ids);
	connections->all =
	    ts_table_take(arena, ids, sizeof(struct ts_connection));
	ts_deadline_init(&connections->deadline,
	    ts_table_take(arena, ids, sizeof(struct ts_deadline_entry)),
	    ts_table_take(arena, ids, sizeof(uint32_t)), ids);
}

uint32_t
ts_connections_add(struct ts_connections *connections, int fd)
{
	uint32_t id = ts_slots_add(&connections->slots);

	if (id == TS_SLOTS_NONE)
		return TS_SLOTS_NONE;
	connections->all[id] = (struct ts_connection){
		.fd = fd,
		.state = TS_CONNECTION_NEW,
		.standing.is_unseen = true,
	};
	return id;
}

/* The counter of a state, or NULL. */
static uint32_t *
counter_of(struct ts_connections *connections, enum ts_connection_state state)
{
	switch (state) {
	case TS_CONNECTION_PARKED:
		return &connections->parked;
	case TS_CONNECTION_WAITING:
		return &connections->waiting;
	case TS_CONNECTION_LINGERING:
		return &connections->lingering;
	default:
		return NULL;
	}
}

void
ts_connections_set_state(struct ts_connections *connections, uint32_t id,
    enum ts_connection_state state)
{
	struct ts_connection *connection = &connections->all[id];
	uint32_t *before = counter_of(connections, connection->state);
	uint32_t *after = counter_of(connections, state);

	assert(connection->state != TS_CONNECTION_NONE);
	if (before != NULL)
		(*before)--;
	if (after != NULL)
		(*after)++;
	if (connection->state == TS_CONNECTION_SERVED)
		TAILQ_REMOVE(&connections->served, connection, in_served);
	if (state == TS_CONNECTION_SERVED)
		TAILQ_INSERT_TAIL(&connections->served, connection, in_served);
	connection->state = state;
	ts_deadline_clear(&connections->deadline, id);
}

void
ts_connections_close(struct ts_connections *connections, uint32_t id)
{
	struct ts_connection *connection = &connections->all[id];

	ts_connections_set_state(connections, id, TS_CONNECTION_NEW);
	ts_fd_close(&connection->fd);
	explicit_bzero(connection->kept, sizeof(connection->kept));
	connection->state = TS_CONNECTION_NONE;
	ts_slots_remove(&connections->slots, id);
}
