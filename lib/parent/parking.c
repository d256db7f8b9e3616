/* SPDX-License-Identifier: MIT */
/* Parked connections. */
#include "parent/parking.h"

#include "os/linger.h"
#include "os/peek.h"
#include "os/tcp_stats.h"

/* Nothing here lags. */
#define NOTHING_IS_HEAVY 1
/* What a client has in addition to the time of the least rate. */
#define TAKE_CREDIT_MS 15000

size_t
ts_parking_room(uint32_t ids, uint32_t most)
{
	return ts_table_room(1, ts_network_table_bytes(ids, most));
}

void
ts_parking_init(struct ts_parking *parking, struct ts_table *arena,
    uint32_t ids, uint32_t most, const struct ts_siphash_key *key)
{
	void *memory =
	    ts_table_take(arena, 1, ts_network_table_bytes(ids, most));

	parking->most = most;
	ts_network_table_init(&parking->networks, memory, ids, most,
	    NOTHING_IS_HEAVY, key);
}

/* How long a connection may stay now. */
static uint32_t
stay_ms(const struct ts_parking *parking,
    const struct ts_connection *connection)
{
	uint32_t ms = connection->is_resumed ? parking->parked_ms
					     : parking->first_byte_ms;

	return parking->overload.is_on ? ms / 2 : ms;
}

/* How long a client may take for what it has not acknowledged yet. */
static uint32_t
take_ms(uint32_t owed_bytes)
{
	return TAKE_CREDIT_MS +
	    (uint32_t)((uint64_t)owed_bytes * 1000 /
		TS_NETWORK_TABLE_RATE_BYTES_PER_S);
}

/* Whether its client has to take an answer before its stay is over. */
static bool
has_to_take(const struct ts_parking *parking,
    const struct ts_connection *connection)
{
	return connection->owed_bytes > 0 &&
	    take_ms(connection->owed_bytes) < stay_ms(parking, connection);
}

/* Sets when connection `id` is due, counted from when it was parked. */
static void
set_deadline(struct ts_parking *parking, uint32_t id)
{
	struct ts_connections *connections = parking->connections;
	const struct ts_connection *connection = &connections->all[id];
	struct ts_monotime since = parking->networks.holders[id].admitted;
	uint32_t ms = has_to_take(parking, connection)
	    ? take_ms(connection->owed_bytes)
	    : stay_ms(parking, connection);

	ts_deadline_set(&connections->deadline, id,
	    ts_monotime_add_ms(since, ms));
}

/* So many are parked now: when overload begins or ends, all times change. */
static void
count_has_changed(struct ts_parking *parking)
{
	struct ts_connections *connections = parking->connections;

	if (!ts_stress_update(&parking->overload, connections->parked,
		parking->most))
		return;
	for (uint32_t id = 0; id < connections->slots.capacity; id++)
		if (connections->all[id].state == TS_CONNECTION_PARKED)
			set_deadline(parking, id);
}

/* It is parked no more, and new. */
static void
leave(struct ts_parking *parking, uint32_t id)
{
	struct ts_connections *connections = parking->connections;

	ts_poller_remove(parking->poller, connections->all[id].fd);
	ts_network_table_remove(&parking->networks, id);
	ts_connections_set_state(connections, id, TS_CONNECTION_NEW);
	count_has_changed(parking);
}

void
ts_parking_close(struct ts_parking *parking, uint32_t id)
{
	leave(parking, id);
	/* Nothing is on its way to an idle client but the end. */
	ts_linger_begin(parking->connections->all[id].fd);
	ts_connections_close(parking->connections, id);
}

/* Its client has not taken an answer at the least rate: it is reset. */
static void
cut(struct ts_parking *parking, uint32_t id)
{
	leave(parking, id);
	ts_linger_cut(parking->connections->all[id].fd);
	ts_connections_close(parking->connections, id);
	parking->events->metrics->parked_slow++;
}

void
ts_parking_expire(struct ts_parking *parking, uint32_t id)
{
	struct ts_connection *connection = &parking->connections->all[id];

	if (!has_to_take(parking, connection)) {
		parking->events->metrics->parked_expired++;
		ts_parking_close(parking, id);
	} else if (ts_tcp_stats_unacked_bytes(connection->fd) > 0) {
		cut(parking, id);
	} else {
		connection->owed_bytes = 0;
		set_deadline(parking, id);
	}
}

static void
make_room(struct ts_parking *parking, struct ts_monotime now)
{
	uint32_t victim = ts_network_table_victim(&parking->networks);
	const struct ts_connection *connection =
	    &parking->connections->all[victim];

	parking->events->metrics->parked_evicted++;
	ts_events_report_connection(parking->events, TS_EVENT_PARKED_EVICTED,
	    "too many are parked, closed one of", connection, now);
	ts_parking_close(parking, victim);
}

void
ts_parking_add(struct ts_parking *parking, uint32_t id, struct ts_monotime now)
{
	struct ts_connections *connections = parking->connections;
	struct ts_connection *connection = &connections->all[id];
	const struct ts_standing standing = { .is_unseen = false };

	ts_network_table_age(&parking->networks, now);
	if (connections->parked == parking->most)
		make_room(parking, now);
	if (ts_poller_add(parking->poller, connection->fd,
		parking->first_tag + id) < 0) {
		ts_linger_begin(connection->fd);
		ts_connections_close(connections, id);
		return;
	}
	ts_connections_set_state(connections, id, TS_CONNECTION_PARKED);
	ts_network_table_admit(&parking->networks, id, &connection->chain,
	    &standing, now);
	connection->owed_bytes = ts_tcp_stats_unacked_bytes(connection->fd);
	set_deadline(parking, id);
	count_has_changed(parking);
}

bool
ts_parking_take(struct ts_parking *parking, uint32_t id)
{
	struct ts_connections *connections = parking->connections;

	switch (ts_word_of(connections->all[id].fd)) {
	case TS_WORD_NONE:
		return false;
	case TS_WORD_GONE:
		parking->events->metrics->parked_gone++;
		ts_parking_close(parking, id);
		return false;
	case TS_WORD_SPOKEN:
		break;
	}
	leave(parking, id);
	parking->events->metrics->resumed++;
	return true;
}
