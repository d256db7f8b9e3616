/* SPDX-License-Identifier: MIT */
/* Everything that a running server has: opened in order, closed again. */
#include "parent/runtime.h"

#include <errno.h>
#include <string.h>

#include "os/fd.h"
#include "os/permits.h"
#include "os/process.h"
#include "os/stdio.h"
#include "os/systemd.h"

/* Connections that are accepted at a time, before anything becomes of them. */
#define UNDECIDED 16
/* What the parent has open for itself, at most. */
#define OWN_DESCRIPTORS 64
/* Buckets of sources with penalty points. */
#define PENALTY_BUCKETS 512

/* Opens what is out of reach in the jail. */
static int
open_outside(struct ts_runtime *runtime)
{
	int r;

	r = ts_stdio_open_null(&runtime->null_fd, TS_FD_PARENT);
	if (r < 0)
		return ts_server_explain(runtime->server, r,
		    "open /dev/null: %s: the server requires it "
		    "(mknod -m 666 /dev/null c 1 3)",
		    strerror(-r));
	if (runtime->server->options.turns > 0)
		r = ts_turns_open(&runtime->turns_fd);
	if (r < 0)
		return ts_server_fail(runtime->server, r, "turns", NULL);
	runtime->supervisor_fd = ts_supervisor_open();
	return 0;
}

static int
open_poller(struct ts_runtime *runtime)
{
	int r;

	r = ts_poller_open(&runtime->poller);
	if (r < 0)
		return ts_server_fail(runtime->server, r, "epoll_create1",
		    NULL);
	r = ts_signals_open(&runtime->signals);
	if (r < 0)
		return ts_server_fail(runtime->server, r, "signalfd", NULL);
	r = ts_poller_add(&runtime->poller, runtime->signals.fd,
	    TS_TAG_SIGNALS);
	if (r < 0)
		return ts_server_fail(runtime->server, r, "epoll_ctl", NULL);
	return 0;
}

static int
open_status(struct ts_runtime *runtime)
{
	const char *path = runtime->server->options.status;
	int r;

	runtime->status = (struct ts_status){
		.path = path,
		.poller = &runtime->poller,
		.first_tag = TS_TAG_STATUS,
		.connections = &runtime->connections,
		.networks = &runtime->networks,
		.penalties = &runtime->penalties,
		.parking = &runtime->parking,
		.watchdog = &runtime->watchdog,
		.metrics = &runtime->metrics,
		.logger = &runtime->logger,
		.jail = &runtime->jail,
		.slot_count = runtime->server->options.max_children,
	};
	r = ts_status_open(&runtime->status);
	if (r < 0)
		return ts_server_fail(runtime->server, r, "status", path);
	return 0;
}

/* --- Tables -------------------------------------------------------------- */

/* The sizes of the tables. */
struct sizes {
	/* Connections that hold slots or wait for one. */
	uint32_t serving;
	uint32_t ids;
};

/* How many connections there can be by the limit of descriptors. */
static uint32_t
descriptors_for_connections(void)
{
	uint32_t most = ts_spawn_most_descriptors();
	uint32_t own = TS_FD_PARENT + OWN_DESCRIPTORS;

	return most > own ? most - own : 0;
}

static struct sizes
sizes_of(const struct tcpserver_options *options)
{
	struct sizes sizes = {
		/* One more waits for a moment, before another is refused. */
		.serving = ts_admission_most_held(options->max_children) +
		    options->max_waiting + 1,
	};
	uint32_t most;

	sizes.ids = sizes.serving + options->max_parked +
	    TS_LINGERING_CLOSE_COUNT + UNDECIDED;
	/* Each has a descriptor.  There are no more, whatever was asked for. */
	most = descriptors_for_connections();
	if (sizes.ids > most)
		sizes.ids = most;
	return sizes;
}

static size_t
room(const struct sizes *sizes, uint32_t most_parked)
{
	return ts_connections_room(sizes->ids) +
	    ts_table_room(1,
		ts_network_table_bytes(sizes->ids, sizes->serving)) +
	    ts_children_room(sizes->ids) +
	    ts_table_room(ts_penalties_entries(PENALTY_BUCKETS),
		sizeof(struct ts_penalty)) +
	    ts_parking_room(sizes->ids, most_parked) +
	    ts_lingering_close_room(sizes->ids);
}

/* Takes the memory of every table from the arena. */
static void
lay_out(struct ts_runtime *runtime, const struct sizes *sizes,
    const struct ts_siphash_key *key)
{
	const struct tcpserver_options *options = &runtime->server->options;
	size_t bytes = ts_network_table_bytes(sizes->ids, sizes->serving);

	ts_connections_init(&runtime->connections, &runtime->arena, sizes->ids);
	ts_network_table_init(&runtime->networks,
	    ts_table_take(&runtime->arena, 1, bytes), sizes->ids,
	    sizes->serving, ts_admission_heavy(options->max_children), key);
	ts_children_init(&runtime->children, &runtime->arena, sizes->ids);
	ts_penalties_init(&runtime->penalties,
	    ts_table_take(&runtime->arena,
		ts_penalties_entries(PENALTY_BUCKETS),
		sizeof(struct ts_penalty)),
	    PENALTY_BUCKETS, key);
	ts_parking_init(&runtime->parking, &runtime->arena, sizes->ids,
	    options->max_parked, key);
	ts_lingering_close_init(&runtime->lingering, &runtime->arena,
	    sizes->ids, key);
}

static int
open_tables(struct ts_runtime *runtime)
{
	const struct tcpserver_options *options = &runtime->server->options;
	struct sizes sizes = sizes_of(options);
	struct ts_siphash_key key;
	int r;

	r = ts_spawn_secret(&key, sizeof(key));
	if (r == 0)
		r = ts_table_open(&runtime->arena,
		    room(&sizes, options->max_parked));
	if (r < 0)
		return ts_server_fail(runtime->server, r, "memory", NULL);
	lay_out(runtime, &sizes, &key);
	return 0;
}

/* --- Modules ------------------------------------------------------------- */

static uint32_t
least_rate(const struct tcpserver_options *options)
{
	return options->least_rate_bytes_per_s == TCPSERVER_NO_LIMIT
	    ? 0
	    : options->least_rate_bytes_per_s;
}

static void
set_up_connections(struct ts_runtime *runtime)
{
	const struct tcpserver_options *options = &runtime->server->options;

	runtime->events.logger = &runtime->logger;
	runtime->events.metrics = &runtime->metrics;
	runtime->parking.connections = &runtime->connections;
	runtime->parking.poller = &runtime->poller;
	runtime->parking.first_tag = TS_TAG_CONNECTION;
	runtime->parking.events = &runtime->events;
	runtime->parking.first_byte_ms = options->first_byte_ms;
	runtime->parking.parked_ms = options->parked_ms;
	runtime->lingering.connections = &runtime->connections;
	runtime->lingering.poller = &runtime->poller;
	runtime->lingering.first_tag = TS_TAG_CONNECTION;
	runtime->lingering.linger_ms = options->linger_ms;
	runtime->watchdog = (struct ts_watchdog){
		.networks = &runtime->networks,
		.events = &runtime->events,
		.limits = {
			.first_byte_ms = options->first_byte_ms,
			.idle_ms = options->idle_ms,
			.rate_bytes_per_s = least_rate(options),
		},
		.cpu_s = options->jail.mode == TCPSERVER_JAIL_OFF
		    ? TCPSERVER_NO_LIMIT
		    : options->jail.cpu_s,
		.lifetime_ms = options->lifetime_ms,
		.client_speaks_first = options->client_speaks_first != 0,
	};
}

static void
set_up_dispatch(struct ts_runtime *runtime)
{
	const struct tcpserver_options *options = &runtime->server->options;

	runtime->dispatch = (struct ts_dispatch){
		.connections = &runtime->connections,
		.networks = &runtime->networks,
		.penalties = &runtime->penalties,
		.children = &runtime->children,
		.watchdog = &runtime->watchdog,
		.parking = &runtime->parking,
		.lingering = &runtime->lingering,
		.events = &runtime->events,
		.poller = &runtime->poller,
		.first_tag = TS_TAG_CONNECTION,
		.most_of_source = options->max_children_per_source,
		.most_waiting = options->max_waiting,
		.wait_ms = options->wait_ms,
		.client_speaks_first = options->client_speaks_first != 0,
		.refusal = options->refusal,
		.ask_at = TS_MONOTIME_NEVER,
	};
	ts_admission_init(&runtime->dispatch.admission, options->max_children,
	    ts_poller_now());
}

/*
 * What children inherit stands below TS_FD_WINDOW in the parent, at or above
 * the number that it has in a child, and in the same order: each child finds it
 * in its own table, and no move overwrites what is yet to be moved.
 */
struct copying {
	int lowest;
	int error;
};

/* A copy of `fd`, or -1 where there is none or something has failed. */
static int
copy_for_children(struct copying *copying, int fd, int number)
{
	int copy = -1;

	if (fd < 0 || copying->error < 0)
		return -1;
	if (copying->lowest < number)
		copying->lowest = number;
	copying->error = ts_fd_copy(&copy, fd, copying->lowest);
	if (copying->error < 0)
		return -1;
	copying->lowest = copy + 1;
	if (copy < TS_FD_WINDOW)
		return copy;
	copying->error = -EMFILE;
	ts_fd_close(&copy);
	return -1;
}

static int
copy_all_for_children(struct ts_runtime *runtime)
{
	struct ts_child_context *context = &runtime->children.context;
	const struct tcpserver *server = runtime->server;
	struct ts_jail *jail = &runtime->jail;
	struct copying copying = { .lowest = 0 };
	int rules_fd = jail->child_rules_fd;

	context->root_fd =
	    copy_for_children(&copying, server->root_fd, TS_FD_ROOT);
	context->records_fd = copy_for_children(&copying,
	    runtime->logger.records.write_fd, TS_FD_RECORDS);
	context->channel_fd = copy_for_children(&copying,
	    runtime->children.channel.write_fd, TS_FD_CHANNEL);
	context->turns_fd =
	    copy_for_children(&copying, runtime->turns_fd, TS_FD_TURNS);
	for (unsigned i = 0; i < context->folder_count; i++)
		context->folder_fds[i] = copy_for_children(&copying,
		    server->folder_fds[i], TS_FD_FOLDERS + (int)i);
	context->null_fd =
	    copy_for_children(&copying, runtime->null_fd, TS_FD_INHERITED);
	jail->child_rules_fd =
	    copy_for_children(&copying, rules_fd, TS_FD_INHERITED);
	ts_fd_close(&rules_fd);
	return copying.error;
}

/* The processes of the parent that serve no client. */
static bool
take_helper(void *arg, pid_t pid)
{
	struct ts_runtime *runtime = arg;

	if (pid != runtime->logger.pid)
		return false;
	ts_logger_died(&runtime->logger, ts_poller_now());
	return true;
}

static void
take_penalty(void *arg, uint32_t id, uint32_t points, struct ts_monotime now)
{
	struct ts_runtime *runtime = arg;

	ts_dispatch_penalise(&runtime->dispatch, id, points, now);
}

static void
reject(void *arg, uint32_t id, struct ts_monotime now)
{
	struct ts_runtime *runtime = arg;

	ts_dispatch_reject(&runtime->dispatch, id, now);
}

static int
open_children(struct ts_runtime *runtime, tcpserver_handler *handler, void *arg)
{
	const struct tcpserver *server = runtime->server;
	struct ts_children *children = &runtime->children;
	int r;

	children->connections = &runtime->connections;
	children->events = &runtime->events;
	children->helper = take_helper;
	children->penalty = take_penalty;
	children->reject = reject;
	children->arg = runtime;
	r = ts_fd_window_open(&children->window);
	if (r < 0)
		return ts_server_fail(runtime->server, r, "memory", NULL);
	r = ts_channel_open(&children->channel);
	if (r == 0)
		r = ts_poller_add(&runtime->poller, children->channel.read_fd,
		    TS_TAG_CHANNEL);
	if (r < 0)
		return ts_server_fail(runtime->server, r, "channel", NULL);
	children->context = (struct ts_child_context){
		.handler = handler,
		.arg = arg,
		.folder_count = server->folder_count,
		.turns = server->options.turns,
		.linger_ms = server->options.linger_ms,
		.shared = runtime->logger.shared,
		.signals = &runtime->signals,
		.jail = &runtime->jail,
	};
	r = copy_all_for_children(runtime);
	if (r < 0)
		return ts_server_fail(runtime->server, r,
		    "descriptors of children", NULL);
	return 0;
}

static int
open_acceptor(struct ts_runtime *runtime)
{
	int r;

	runtime->acceptor = (struct ts_acceptor){
		.server = runtime->server,
		.poller = &runtime->poller,
		.dispatch = &runtime->dispatch,
	};
	r = ts_acceptor_open(&runtime->acceptor);
	if (r < 0)
		return ts_server_fail(runtime->server, r, "epoll_ctl", NULL);
	return 0;
}

/* --- The whole ----------------------------------------------------------- */

static void
close_children(struct ts_children *children)
{
	struct ts_child_context *context = &children->context;

	ts_channel_close(&children->channel);
	ts_fd_window_close(&children->window);
	for (unsigned i = 0; i < context->folder_count; i++)
		ts_fd_close(&context->folder_fds[i]);
	ts_fd_close(&context->root_fd);
	ts_fd_close(&context->records_fd);
	ts_fd_close(&context->channel_fd);
	ts_fd_close(&context->turns_fd);
	ts_fd_close(&context->null_fd);
}

void
ts_runtime_close(struct ts_runtime *runtime)
{
	if (runtime->arena.base != NULL)
		ts_dispatch_drop_all(&runtime->dispatch);
	ts_status_close(&runtime->status);
	close_children(&runtime->children);
	ts_table_close(&runtime->arena);
	if (runtime->logger.shared != NULL)
		ts_logger_close(&runtime->logger);
	ts_jail_close(&runtime->jail);
	ts_signals_close(&runtime->signals);
	ts_poller_close(&runtime->poller);
	ts_fd_close(&runtime->supervisor_fd);
	ts_fd_close(&runtime->turns_fd);
	ts_fd_close(&runtime->null_fd);
}

/* Logs once what the kernel lacks. */
static void
report_gaps(struct ts_runtime *runtime)
{
	char text[TS_WALLS_TEXT_SIZE];

	ts_walls_missing(&runtime->jail.walls, text);
	if (runtime->jail.is_on && text[0] != '\0')
		ts_logger_say(&runtime->logger,
		    "sandbox incomplete, not available here: %s", text);
	if (runtime->jail.is_on &&
	    !ts_walls_protect_files(&runtime->jail.walls))
		ts_logger_say(&runtime->logger,
		    "sandbox: files are not protected from being written: "
		    "this needs chroot and read_only_mounts, "
		    "or landlock_truncate");
}

static void
report_sizes(struct ts_runtime *runtime)
{
	const struct tcpserver_options *options = &runtime->server->options;

	ts_logger_say(&runtime->logger,
	    "%u slots and %u spare ones; %u connections may wait, %u be parked",
	    options->max_children, ts_admission_spare(options->max_children),
	    options->max_waiting, options->max_parked);
}

static int
open_logger(struct ts_runtime *runtime)
{
	int r;

	r = ts_logger_open(&runtime->logger, runtime->server->options.name,
	    runtime->null_fd, &runtime->jail);
	if (r < 0)
		return ts_server_fail(runtime->server, r, "logger", NULL);
	report_gaps(runtime);
	report_sizes(runtime);
	return 0;
}

int
ts_runtime_open(struct ts_runtime *runtime, tcpserver_handler *handler,
    void *arg)
{
	int r;

	ts_jail_init(&runtime->jail);
	if (descriptors_for_connections() < UNDECIDED)
		return ts_server_fail(runtime->server, -EMFILE, "descriptors",
		    NULL);
	r = ts_server_try_calls(runtime->server);
	if (r == 0)
		r = open_outside(runtime);
	if (r == 0)
		r = open_poller(runtime);
	if (r == 0)
		r = open_status(runtime);
	if (r == 0)
		r = ts_jail_enter(&runtime->jail, runtime->server,
		    &runtime->status.place_of_path);
	if (r == 0)
		r = open_logger(runtime);
	if (r == 0)
		r = open_tables(runtime);
	if (r < 0)
		return r;
	set_up_connections(runtime);
	set_up_dispatch(runtime);
	r = open_children(runtime, handler, arg);
	return r < 0 ? r : open_acceptor(runtime);
}
