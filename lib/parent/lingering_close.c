/* SPDX-License-Identifier: MIT */
/* Closes connections so that what was sent to them arrives. */
#include "parent/lingering_close.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "os/linger.h"

/* Nothing here lags. */
#define NOTHING_IS_HEAVY 1

size_t
ts_lingering_close_room(uint32_t ids)
{
	return ts_table_room(1,
	    ts_network_table_bytes(ids, TS_LINGERING_CLOSE_COUNT));
}

void
ts_lingering_close_init(struct ts_lingering_close *lingering,
    struct ts_table *arena, uint32_t ids, const struct ts_siphash_key *key)
{
	void *memory = ts_table_take(arena, 1,
	    ts_network_table_bytes(ids, TS_LINGERING_CLOSE_COUNT));

	ts_network_table_init(&lingering->networks, memory, ids,
	    TS_LINGERING_CLOSE_COUNT, NOTHING_IS_HEAVY, key);
}

void
ts_lingering_close_end(struct ts_lingering_close *lingering, uint32_t id)
{
	struct ts_connections *connections = lingering->connections;

	ts_poller_remove(lingering->poller, connections->all[id].fd);
	ts_network_table_remove(&lingering->networks, id);
	ts_connections_close(connections, id);
}

/*
 * Reads and discards what has come, within the bound.  Returns 0 when nothing
 * more is to be read, or -EAGAIN.
 */
static int
drain(struct ts_connection *connection)
{
	int n = 1;

	while (n > 0 && connection->drain_bytes > 0) {
		n = ts_linger_drain(connection->fd, connection->drain_bytes);
		if (n > 0)
			connection->drain_bytes -= (size_t)n;
	}
	return n == -EAGAIN ? -EAGAIN : 0;
}

/* Keeps the connection until its client closes or its time is over. */
static void
keep(struct ts_lingering_close *lingering, uint32_t id, struct ts_monotime now)
{
	struct ts_connections *connections = lingering->connections;
	struct ts_connection *connection = &connections->all[id];
	const struct ts_standing standing = { .is_unseen = false };
	uint32_t victim;

	if (connections->lingering == TS_LINGERING_CLOSE_COUNT) {
		victim = ts_network_table_victim(&lingering->networks);
		ts_lingering_close_end(lingering, victim);
	}
	if (ts_poller_add(lingering->poller, connection->fd,
		lingering->first_tag + id) < 0) {
		ts_connections_close(connections, id);
		return;
	}
	ts_connections_set_state(connections, id, TS_CONNECTION_LINGERING);
	ts_network_table_age(&lingering->networks, now);
	ts_network_table_admit(&lingering->networks, id, &connection->chain,
	    &standing, now);
	ts_deadline_set(&connections->deadline, id,
	    ts_monotime_add_ms(now, lingering->linger_ms));
}

void
ts_lingering_close_begin(struct ts_lingering_close *lingering, uint32_t id,
    const char *message, struct ts_monotime now)
{
	struct ts_connection *connection = &lingering->connections->all[id];

	if (message != NULL)
		(void)send(connection->fd, message, strlen(message),
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	ts_linger_begin(connection->fd);
	connection->drain_bytes = TS_LINGER_BYTES;
	/* What has come already would make the close a reset. */
	if (drain(connection) == 0)
		ts_connections_close(lingering->connections, id);
	else
		keep(lingering, id, now);
}

void
ts_lingering_close_drain(struct ts_lingering_close *lingering, uint32_t id)
{
	if (drain(&lingering->connections->all[id]) == 0)
		ts_lingering_close_end(lingering, id);
}
