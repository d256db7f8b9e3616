/* SPDX-License-Identifier: MIT */
/* The public calls for handlers: they run in a child. */
#include <tcpserver.h>

#include <errno.h>
#include <string.h>

#include "child/child.h"
#include "helpers/logger.h"
#include "os/channel.h"
#include "os/fd.h"
#include "os/permits.h"
#include "os/poller.h"
#include "os/signals.h"

/* A child that has had its slot for so long gives it up when asked. */
#define HELD_MS 1000

int
tcpserver_client_wait(const struct tcpserver_client *client,
    uint32_t timeout_ms)
{
	int r = ts_signals_wait_input(client->fd, timeout_ms);

	return r == -EINTR && ts_signals_was_asked() ? -EBUSY : r;
}

int
tcpserver_client_must_yield(const struct tcpserver_client *client)
{
	const struct ts_child_own *own = client->own;

	/* The time first: it costs no system call. */
	return ts_monotime_is_due(ts_monotime_add_ms(own->since, HELD_MS),
		   ts_poller_now()) &&
	    ts_signals_was_asked();
}

int
tcpserver_client_penalise(const struct tcpserver_client *client,
    uint32_t points)
{
	const struct ts_message message = {
		.kind = TS_MESSAGE_PENALTY,
		.points = points,
	};

	(void)client;
	if (!ts_message_is_sound(&message))
		return -EINVAL;
	return ts_channel_send(TS_FD_CHANNEL, &message, sizeof(message));
}

int
tcpserver_client_set_state(const struct tcpserver_client *client,
    const void *state, size_t bytes)
{
	struct ts_child_own *own = client->own;

	if (bytes > sizeof(own->state.state))
		return -EMSGSIZE;
	own->state.state_bytes = (uint32_t)bytes;
	memcpy(own->state.state, state, bytes);
	return 0;
}

int
tcpserver_client_folder(const struct tcpserver_client *client, unsigned index)
{
	const struct ts_child_own *own = client->own;

	return index < own->folder_count ? TS_FD_FOLDERS + (int)index : -1;
}

int
tcpserver_client_take_turn(const struct tcpserver_client *client,
    uint32_t timeout_ms)
{
	struct ts_child_own *own = client->own;
	int r;

	if (own->turns == 0)
		return -EINVAL;
	if (own->has_turn)
		return 1;
	r = ts_turns_take(TS_FD_TURNS, own->turns, timeout_ms,
	    TS_FD_CONNECTION);
	own->has_turn = r == 1;
	return r;
}

void
tcpserver_client_end_turn(const struct tcpserver_client *client)
{
	struct ts_child_own *own = client->own;

	if (own->has_turn)
		ts_turns_end(TS_FD_TURNS);
	own->has_turn = false;
}

void
tcpserver_client_log(const struct tcpserver_client *client, const char *line)
{
	const struct ts_child_own *own = client->own;

	ts_logger_send(TS_FD_RECORDS, own->shared, line, strlen(line));
}
