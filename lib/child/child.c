/* SPDX-License-Identifier: MIT */
/* What a child does: one client, from the fork to the exit status. */
#include "child/child.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "core/exit_reason.h"
#include "os/fd.h"
#include "os/fdpass.h"
#include "os/linger.h"
#include "os/process.h"

/* What every child has, and what there is only where it was asked for. */
#define FIXED_MOVES 7
#define MORE_MOVES (1 + TCPSERVER_FOLDERS)
#define HAND_OVER_TRIES 100
#define HAND_OVER_PAUSE_MS 10

/*
 * What was asked for, at the numbers after TS_FD_CHANNEL.  Returns how many of
 * these there are: what few servers have costs the others no call.
 */
static unsigned
add_moves(const struct ts_child_context *context,
    struct ts_spawn_move more[MORE_MOVES])
{
	unsigned count = 0;

	if (context->turns_fd < 0 && context->folder_count == 0)
		return 0;
	more[count++] =
	    (struct ts_spawn_move){ context->turns_fd, TS_FD_TURNS };
	for (unsigned i = 0; i < context->folder_count; i++)
		more[count++] = (struct ts_spawn_move){
			context->folder_fds[i],
			TS_FD_FOLDERS + (int)i,
		};
	return count;
}

static int
settle(const struct ts_child_context *context,
    const struct ts_connection *connection)
{
	/* What cannot be handed over needs no way to do so. */
	int parking_fd =
	    connection->peer.kind == TS_ADDR_LOCAL ? -1 : context->parking_fd;
	/*
	 * The connection first: it may stand where another is to go, while
	 * the others stand above all fixed numbers.
	 */
	struct ts_spawn_move moves[FIXED_MOVES + MORE_MOVES] = {
		{ connection->fd, TS_FD_CONNECTION },
		{ context->root_fd, TS_FD_ROOT },
		{ context->records_fd, TS_FD_RECORDS },
		{ parking_fd, TS_FD_CHANNEL },
		{ context->null_fd, STDIN_FILENO },
		{ context->null_fd, STDOUT_FILENO },
		{ context->null_fd, STDERR_FILENO },
	};
	unsigned more = add_moves(context, moves + FIXED_MOVES);

	return ts_spawn_settle(moves, FIXED_MOVES + more,
	    TS_FD_CHANNEL + (int)more);
}

/*
 * Hands the connection over, to be had when this child has ended.  Only TCP
 * connections can be: of the others the parent cannot tell whose they are.
 *
 * The descriptors that all processes of a user have sent, and nobody has
 * received yet, may not be more than this process's limit of descriptors: see
 * ETOOMANYREFS in unix(7).  The parent receives them soon.
 */
static bool
hand_over(const struct ts_child_own *own,
    const struct ts_connection *connection)
{
	int r = -ETOOMANYREFS;

	if (connection->peer.kind == TS_ADDR_LOCAL)
		return false;
	for (unsigned i = 0; r == -ETOOMANYREFS && i < HAND_OVER_TRIES; i++) {
		if (i > 0)
			(void)poll(NULL, 0, HAND_OVER_PAUSE_MS);
		r = ts_fdpass_send(TS_FD_CHANNEL, TS_FD_CONNECTION,
		    &own->parcel, sizeof(own->parcel));
	}
	return r == 0;
}

static enum ts_exit
serve(const struct ts_child_context *context,
    const struct ts_connection *connection,
    const struct tcpserver_client *client)
{
	struct ts_child_own *own = client->own;
	enum tcpserver_verdict verdict;

	verdict = context->handler(client, context->arg);
	/* The linger of 0 that it was born with makes its end a reset. */
	if (verdict == TCPSERVER_RESET)
		return TS_EXIT_RESET;
	if (verdict == TCPSERVER_PARK && hand_over(own, connection))
		return TS_EXIT_PARKED;
	/* A client that does not close is the parent's to close in order. */
	own->parcel.is_closing = 1;
	if (!ts_linger_hear_out(TS_FD_CONNECTION))
		(void)hand_over(own, connection);
	return TS_EXIT_CLOSED;
}

void
ts_child_run(const struct ts_child_context *context,
    const struct ts_connection *connection)
{
	struct ts_child_own own = {
		.shared = context->shared,
		.parcel.listener = connection->listener,
		.turns = context->turns,
		.folder_count = context->folder_count,
	};
	struct tcpserver_client client = {
		.fd = TS_FD_CONNECTION,
		.root_fd = context->root_fd < 0 ? -1 : TS_FD_ROOT,
		.listener = connection->listener,
		.peer_port = connection->peer.port,
		.is_stressed = context->is_stressed ? 1 : 0,
		.is_resumed = (int)connection->parcel.is_resumed,
		.state_bytes = connection->parcel.state_bytes,
		.own = &own,
	};

	if (ts_jail_confine(context->jail, TS_JAIL_CHILD) < 0 ||
	    settle(context, connection) < 0)
		_exit(TS_EXIT_SETUP);
	ts_signals_child(context->signals);
	ts_addr_format(&connection->peer, client.peer_text);
	memcpy(client.state, connection->parcel.state, sizeof(client.state));
	if (ts_jail_seal(context->jail, TS_JAIL_CHILD) < 0)
		_exit(TS_EXIT_SETUP);
	_exit(serve(context, connection, &client));
}
