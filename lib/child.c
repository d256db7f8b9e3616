/* SPDX-License-Identifier: MIT */
/* What a child does: one client, from the fork to the exit status. */
#include "child.h"

#include <unistd.h>

#include "core/ending.h"
#include "os/fd.h"
#include "os/linger.h"
#include "os/spawn.h"

static int
settle(const struct ts_child_context *context, int connection_fd)
{
	/*
	 * The connection first: it may stand where another is to go, while
	 * the others stand above all fixed numbers.
	 */
	const struct ts_spawn_move moves[] = {
		{ connection_fd, TS_FD_CONNECTION },
		{ context->root_fd, TS_FD_ROOT },
		{ context->records_fd, TS_FD_RECORDS },
		{ context->null_fd, STDIN_FILENO },
		{ context->null_fd, STDOUT_FILENO },
		{ context->null_fd, STDERR_FILENO },
	};

	return ts_spawn_settle(moves, sizeof(moves) / sizeof(moves[0]),
	    TS_FD_RECORDS);
}

static enum ts_exit
serve(const struct ts_child_context *context,
    const struct tcpserver_client *client)
{
	switch (context->handler(client, context->arg)) {
	case TCPSERVER_CLOSE:
		ts_linger_close(TS_FD_CONNECTION);
		return TS_EXIT_CLOSED;
	case TCPSERVER_RESET:
		break;
	}
	/* The linger of 0 that it was born with makes its end a reset. */
	return TS_EXIT_RESET;
}

void
ts_child_run(const struct ts_child_context *context,
    const struct ts_connection *connection)
{
	struct tcpserver_client client = {
		.fd = TS_FD_CONNECTION,
		.root_fd = context->root_fd < 0 ? -1 : TS_FD_ROOT,
		.listener = connection->listener,
		.peer_port = connection->peer.port,
		.own = context->shared,
	};

	if (settle(context, connection->fd) < 0)
		_exit(TS_EXIT_SETUP);
	ts_signals_child(context->signals);
	ts_addr_format(&connection->peer, client.peer_text);
	_exit(serve(context, &client));
}
