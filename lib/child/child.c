/* SPDX-License-Identifier: MIT */
/* What a child does: one client, from the fork to the exit status. */
#include "child/child.h"

#include <string.h>
#include <unistd.h>

#include "child/orderly_close.h"
#include "core/exit_reason.h"
#include "os/channel.h"
#include "os/fd.h"
#include "os/process.h"

/* What every child has, and what there is only where it was asked for. */
#define FIXED_MOVES 7
#define MORE_MOVES (1 + TCPSERVER_FOLDERS)

/*
 * Takes a table of descriptors of its own, which was the parent's until then,
 * with its connection at TS_FD_CONNECTION.  After a plain fork it has one, and
 * place_descriptors() moves the connection.
 */
static int
take_descriptors(struct ts_fd_window *window, const struct ts_child_task *task)
{
	int r;

	if (task->lease == TS_FD_WINDOW_NONE) {
		ts_fd_window_forget(window);
		return 0;
	}
	r = ts_process_unshare_fds(TS_FD_PARENT);
	return r < 0 ? r : ts_fd_window_own(window, task->lease);
}

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

/* Puts its descriptors at their numbers, and closes all others. */
static int
place_descriptors(const struct ts_child_context *context,
    const struct ts_child_task *task)
{
	/* No number is a target before what stands there was moved: the
	 * parent keeps these in the order of their targets, at or above them.
	 */
	struct ts_spawn_move moves[FIXED_MOVES + MORE_MOVES] = {
		{ task->lease == TS_FD_WINDOW_NONE ? task->fd
						   : TS_FD_CONNECTION,
		    TS_FD_CONNECTION },
		{ context->null_fd, STDIN_FILENO },
		{ context->null_fd, STDOUT_FILENO },
		{ context->null_fd, STDERR_FILENO },
		{ context->root_fd, TS_FD_ROOT },
		{ context->records_fd, TS_FD_RECORDS },
		{ context->channel_fd, TS_FD_CHANNEL },
	};
	unsigned more = add_moves(context, moves + FIXED_MOVES);

	return ts_spawn_settle(moves, FIXED_MOVES + more,
	    TS_FD_CHANNEL + (int)more);
}

/* Leaves the handler's state with the connection. */
static bool
send_state(const struct ts_child_own *own)
{
	return own->state.state_bytes == 0 ||
	    ts_channel_send(TS_FD_CHANNEL, &own->state, sizeof(own->state)) ==
	    0;
}

static enum ts_exit
serve(const struct ts_child_context *context, const struct ts_child_task *task,
    const struct tcpserver_client *client)
{
	enum tcpserver_verdict verdict;

	verdict = context->handler(client, context->arg);
	/* The linger of 0 that it was accepted with makes its end a reset. */
	if (verdict == TCPSERVER_RESET)
		return TS_EXIT_RESET;
	if (verdict == TCPSERVER_PARK && send_state(client->own))
		return TS_EXIT_PARKED;
	return ts_orderly_close(TS_FD_CONNECTION,
		   task->is_scarce ? 0 : context->linger_ms)
	    ? TS_EXIT_CLOSED
	    : TS_EXIT_LINGER;
}

static void
introduce(struct tcpserver_client *client,
    const struct ts_child_context *context, const struct ts_child_task *task,
    struct ts_child_own *own)
{
	*own = (struct ts_child_own){
		.shared = context->shared,
		.since = task->since,
		.state.kind = TS_MESSAGE_STATE,
		.turns = context->turns,
		.folder_count = context->folder_count,
	};
	*client = (struct tcpserver_client){
		.fd = TS_FD_CONNECTION,
		.root_fd = context->root_fd < 0 ? -1 : TS_FD_ROOT,
		.listener = task->listener,
		.peer_port = task->peer.port,
		.is_scarce = task->is_scarce ? 1 : 0,
		.is_resumed = task->is_resumed ? 1 : 0,
		.state_bytes = task->state_bytes,
		.own = own,
	};
	ts_addr_format(&task->peer, client->peer_text);
	memcpy(client->state, task->kept, sizeof(client->state));
}

void
ts_child_run(const struct ts_child_context *context,
    struct ts_fd_window *window, const struct ts_child_task *task)
{
	struct ts_child_own own;
	struct tcpserver_client client;

	if (take_descriptors(window, task) < 0 ||
	    ts_jail_confine(context->jail, TS_JAIL_CHILD) < 0 ||
	    place_descriptors(context, task) < 0)
		_exit(TS_EXIT_SETUP);
	ts_signals_child(context->signals);
	introduce(&client, context, task, &own);
	if (ts_jail_seal(context->jail, TS_JAIL_CHILD) < 0)
		_exit(TS_EXIT_SETUP);
	_exit(serve(context, task, &client));
}
