/* SPDX-License-Identifier: MIT */
/* The child processes: started, signalled, killed, reaped. */
#include "parent/children.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "os/process.h"

/* So many messages are taken before other work has its turn. */
#define MESSAGES_MOST 512
/*
 * A child that has sent so many leaves no room for those of others, and means
 * none of them: it leaves one state, and a source has 100 points at most.
 */
#define MESSAGES_OF_CHILD_MOST 1000

size_t
ts_children_room(uint32_t ids)
{
	return ts_table_room(ids, sizeof(struct ts_child)) +
	    ts_table_room(ts_slots_bucket_count(ids), sizeof(uint32_t));
}

void
ts_children_init(struct ts_children *children, struct ts_table *arena,
    uint32_t ids)
{
	struct ts_child *entries =
	    ts_table_take(arena, ids, sizeof(struct ts_child));
	uint32_t *buckets =
	    ts_table_take(arena, ts_slots_bucket_count(ids), sizeof(uint32_t));

	ts_child_table_init(&children->table, entries, buckets, ids);
}

/* --- Start --------------------------------------------------------------- */

/* What the child needs of its connection; it does not inherit the table. */
static struct ts_child_task
task_of(const struct ts_connection *connection, bool is_scarce,
    struct ts_monotime now)
{
	struct ts_child_task task = {
		.fd = connection->fd,
		.lease = connection->lease,
		.listener = connection->listener,
		.peer = connection->peer,
		.since = now,
		.is_scarce = is_scarce,
		.is_resumed = connection->is_resumed,
		.state_bytes = connection->state_bytes,
	};

	memcpy(task.kept, connection->kept, sizeof(task.kept));
	return task;
}

/*
 * A child shares the parent's descriptors until it takes a table of its own,
 * which costs the same however many there are.  Where too many children are at
 * that point, the next one gets a copy of the whole table instead.
 */
static int
take_window(struct ts_children *children, struct ts_connection *connection)
{
	int r = ts_fd_window_take(&children->window, connection->fd,
	    &connection->lease);

	if (r == 0)
		return 0;
	connection->lease = TS_FD_WINDOW_NONE;
	return r == -EAGAIN ? 0 : r;
}

static void
release_window(struct ts_children *children, struct ts_connection *connection)
{
	if (connection->lease != TS_FD_WINDOW_NONE)
		ts_fd_window_release(&children->window, connection->lease);
	connection->lease = TS_FD_WINDOW_NONE;
}

static void
started(struct ts_children *children, uint32_t id, pid_t pid)
{
	struct ts_connection *connection = &children->connections->all[id];

	connection->pid = pid;
	connection->kill = TS_KILL_NONE;
	connection->was_asked = false;
	connection->is_reaped = false;
	connection->messages = 0;
	/* The child has it; what it leaves, if anything, comes as a message. */
	connection->state_bytes = 0;
	explicit_bzero(connection->kept, sizeof(connection->kept));
	ts_child_table_add(&children->table, id, pid);
	ts_connections_set_state(children->connections, id,
	    TS_CONNECTION_SERVED);
}

int
ts_children_start(struct ts_children *children, uint32_t id, bool is_scarce,
    struct ts_monotime now)
{
	struct ts_connection *connection = &children->connections->all[id];
	struct ts_child_task task;
	pid_t pid;
	int r;

	r = take_window(children, connection);
	if (r < 0)
		return r;
	task = task_of(connection, is_scarce, now);
	pid = task.lease == TS_FD_WINDOW_NONE ? ts_spawn()
					      : ts_process_fork_sharing();
	if (pid == 0)
		ts_child_run(&children->context, &children->window, &task);
	/* The next child does not find there what this client has left. */
	explicit_bzero(&task, sizeof(task));
	if (pid < 0) {
		release_window(children, connection);
		return pid;
	}
	started(children, id, pid);
	return 0;
}

/* --- Signals ------------------------------------------------------------- */

void
ts_children_kill(struct ts_children *children, uint32_t id,
    enum ts_kill_reason reason)
{
	struct ts_connection *connection = &children->connections->all[id];

	if (connection->state != TS_CONNECTION_SERVED ||
	    connection->kill != TS_KILL_NONE)
		return;
	connection->kill = reason;
	if (!connection->is_reaped)
		ts_spawn_kill(ts_child_table_pid(&children->table, id),
		    SIGKILL);
}

void
ts_children_ask(struct ts_children *children, uint32_t id)
{
	struct ts_connection *connection = &children->connections->all[id];

	if (connection->was_asked || connection->kill != TS_KILL_NONE)
		return;
	connection->was_asked = true;
	ts_spawn_kill(ts_child_table_pid(&children->table, id), SIGUSR2);
}

void
ts_children_terminate_all(struct ts_children *children)
{
	struct ts_connection *connection = NULL;
	uint32_t id;

	TAILQ_FOREACH(connection, &children->connections->served, in_served)
	{
		id = ts_connections_id(children->connections, connection);
		ts_spawn_kill(ts_child_table_pid(&children->table, id),
		    SIGTERM);
	}
}

/* --- Messages ------------------------------------------------------------ */

static void
take_message(struct ts_children *children, uint32_t id,
    const struct ts_message *message, struct ts_monotime now)
{
	struct ts_connection *connection = &children->connections->all[id];

	if (message->kind == TS_MESSAGE_PENALTY) {
		children->penalty(children->arg, id, message->points, now);
		return;
	}
	connection->state_bytes = message->state_bytes;
	memcpy(connection->kept, message->state, sizeof(connection->kept));
}

static void
reject(struct ts_children *children, uint32_t id, struct ts_monotime now)
{
	children->events->metrics->rejected_messages++;
	children->reject(children->arg, id, now);
}

void
ts_children_take_messages(struct ts_children *children, struct ts_monotime now)
{
	struct ts_message message;
	uint32_t id;
	pid_t pid;
	int r;

	for (unsigned i = 0; i < MESSAGES_MOST; i++) {
		r = ts_channel_receive(children->channel.read_fd, &pid,
		    &message, sizeof(message));
		if (r != 1 && r != -EBADMSG)
			break;
		id = ts_child_table_find(&children->table, pid);
		if (id == TS_SLOTS_NONE)
			continue;
		if (r == 1 && ts_message_is_sound(&message) &&
		    children->connections->all[id].messages++ <
			MESSAGES_OF_CHILD_MOST)
			take_message(children, id, &message, now);
		else
			reject(children, id, now);
	}
	/* Nothing of a client stays on this stack, which children inherit. */
	explicit_bzero(&message, sizeof(message));
}

/* --- The end ------------------------------------------------------------- */

/* Logs a child that did not end as children should. */
static void
report_end(struct ts_children *children, const struct ts_connection *connection,
    const struct ts_child_end *end, pid_t pid)
{
	struct ts_logger *logger = children->events->logger;
	char peer[TS_ADDR_TEXT_SIZE];
	int signal_number = WTERMSIG(end->status);

	ts_addr_format(&connection->peer, peer);
	if (end->reason == TS_EXIT_REASON_FAILED)
		ts_logger_say(logger, "child %d (client %s) failed: status %d",
		    pid, peer, WEXITSTATUS(end->status));
	else if (end->reason == TS_EXIT_REASON_CRASHED &&
	    signal_number == SIGSYS)
		ts_logger_say(logger,
		    "child %d (client %s) was killed for a system call that "
		    "its sandbox forbids",
		    pid, peer);
	else if (end->reason == TS_EXIT_REASON_CRASHED)
		ts_logger_say(logger,
		    "child %d (client %s) died: signal %d (%s)", pid, peer,
		    signal_number, strsignal(signal_number));
}

static void
take_end(struct ts_children *children, uint32_t id, int status, pid_t pid,
    struct ts_child_end *ret_end)
{
	struct ts_connection *connection = &children->connections->all[id];

	*ret_end = (struct ts_child_end){
		.id = id,
		.status = status,
		.reason = ts_exit_reason_of(status, connection->kill),
		.was_killed = connection->kill != TS_KILL_NONE,
	};
	children->events->metrics->ended[ret_end->reason]++;
	report_end(children, connection, ret_end, pid);
	release_window(children, connection);
	ts_child_table_remove(&children->table, id);
	ts_connections_set_state(children->connections, id, TS_CONNECTION_NEW);
}

int
ts_children_reap(struct ts_children *children, struct ts_monotime now,
    struct ts_child_end *ret_end)
{
	uint32_t id;
	int status;
	pid_t pid;

	pid = ts_process_reap(&status);
	if (pid == 0)
		return 0;
	id = ts_child_table_find(&children->table, pid);
	if (id != TS_SLOTS_NONE) {
		/* Its messages are all there, and its process id is still
		 * known; but it may not be signalled any more. */
		children->connections->all[id].is_reaped = true;
		ts_children_take_messages(children, now);
		take_end(children, id, status, pid, ret_end);
		return 1;
	}
	if (!children->helper(children->arg, pid))
		children->events->metrics->unknown_children++;
	return 2;
}
