/* SPDX-License-Identifier: MIT */
/* The event loop of the parent: poll, dispatch, timers, shutdown. */
#include "parent/loop.h"

#include <stdio.h>

#include "core/report.h"
#include "os/systemd.h"
#include "parent/runtime.h"

/* How long children that were killed at the end may take to die. */
#define KILLED_MS 1500

/* --- Shutdown ------------------------------------------------------------ */

static void
begin_stop(struct ts_runtime *runtime, struct ts_monotime now)
{
	uint32_t drain_ms = runtime->server->options.drain_ms;

	ts_supervisor_notify(runtime->supervisor_fd, "STOPPING=1");
	ts_acceptor_stop(&runtime->acceptor);
	for (unsigned i = 0; i < runtime->server->listener_count; i++)
		ts_server_close_listener(runtime->server, i);
	runtime->server->listener_count = 0;
	ts_dispatch_stop(&runtime->dispatch, now);
	ts_children_terminate_all(&runtime->children);
	if (drain_ms != TCPSERVER_NO_LIMIT)
		runtime->drain_end = ts_monotime_add_ms(now, drain_ms);
}

/* Told to stop, `times` more. */
static void
stop(struct ts_runtime *runtime, unsigned times, struct ts_monotime now)
{
	if (times == 0)
		return;
	if (runtime->stops == 0)
		begin_stop(runtime, now);
	runtime->stops += times;
	if (runtime->stops > 1)
		runtime->drain_end = now;
}

/* All that is left is killed, or closed. */
static void
end_drain(struct ts_runtime *runtime, struct ts_monotime now)
{
	runtime->drain_end = TS_MONOTIME_NEVER;
	runtime->leave_at = ts_monotime_add_ms(now, KILLED_MS);
	ts_dispatch_kill_all(&runtime->dispatch, now);
	ts_dispatch_drop_all(&runtime->dispatch);
}

/*
 * Whether everything has ended.  A child that was killed and hangs in its
 * storage is not waited for: its death is certain, its time is not.
 */
static bool
is_over(const struct ts_runtime *runtime, struct ts_monotime now)
{
	const struct ts_connections *connections = &runtime->connections;

	if (runtime->stops == 0)
		return false;
	return ts_monotime_is_due(runtime->leave_at, now) ||
	    (runtime->children.table.count == 0 && connections->waiting == 0 &&
		connections->lingering == 0);
}

/* --- Events -------------------------------------------------------------- */

static void
reap(struct ts_runtime *runtime, struct ts_monotime now)
{
	struct ts_child_end end;
	unsigned count = 0;
	int r;

	for (;;) {
		r = ts_children_reap(&runtime->children, now, &end);
		if (r == 0)
			break;
		if (r == 1)
			ts_dispatch_ended(&runtime->dispatch, &end, now);
		count++;
	}
	if (count > 0)
		ts_acceptor_child_ended(&runtime->acceptor);
}

static void
fill(struct ts_runtime *runtime, struct ts_monotime now)
{
	if (runtime->connections.waiting > 0 &&
	    !ts_acceptor_is_paused(&runtime->acceptor))
		ts_acceptor_fork_result(&runtime->acceptor,
		    ts_dispatch_fill(&runtime->dispatch, now), now);
}

static void
handle_signals(struct ts_runtime *runtime, struct ts_monotime now)
{
	struct ts_signals_seen seen = ts_signals_read(&runtime->signals);

	if (seen.child)
		reap(runtime, now);
	if (seen.report)
		ts_status_log(&runtime->status);
	if (seen.hangup)
		ts_logger_say(&runtime->logger,
		    "SIGHUP ignored: there is no reload yet, restart");
	stop(runtime, seen.stops, now);
}

static void
handle_event(struct ts_runtime *runtime, uint64_t tag, struct ts_monotime now)
{
	if (tag < TS_TAG_SIGNALS)
		ts_acceptor_accept(&runtime->acceptor, (unsigned)tag, now);
	else if (tag == TS_TAG_SIGNALS)
		handle_signals(runtime, now);
	else if (tag == TS_TAG_CHANNEL)
		ts_children_take_messages(&runtime->children, now);
	else if (tag < TS_TAG_CONNECTION)
		ts_status_attend(&runtime->status, tag, now);
	else
		ts_acceptor_fork_result(&runtime->acceptor,
		    ts_dispatch_ready(&runtime->dispatch,
			(uint32_t)(tag - TS_TAG_CONNECTION), now),
		    now);
}

/* --- Timers -------------------------------------------------------------- */

static void
handle_due(struct ts_runtime *runtime, struct ts_monotime now)
{
	uint32_t id;

	for (;;) {
		id = ts_deadline_take_due(&runtime->connections.deadline, now);
		if (id == TS_SLOTS_NONE)
			return;
		ts_dispatch_due(&runtime->dispatch, id, now);
	}
}

/* Only children of clients may mark what they have taken. */
static void
restart_logger_if_due(struct ts_runtime *runtime, struct ts_monotime now)
{
	if (!ts_monotime_is_due(runtime->logger.retry_at, now))
		return;
	ts_fd_window_share(&runtime->children.window, false);
	ts_logger_restart_if_due(&runtime->logger, now);
	ts_fd_window_share(&runtime->children.window, true);
}

static void
help_waiting(struct ts_runtime *runtime, struct ts_monotime now)
{
	if (!ts_acceptor_is_paused(&runtime->acceptor))
		ts_acceptor_fork_result(&runtime->acceptor,
		    ts_dispatch_help_waiting(&runtime->dispatch, now), now);
}

static void
handle_timers(struct ts_runtime *runtime, struct ts_monotime now)
{
	handle_due(runtime, now);
	ts_status_expire(&runtime->status, now);
	(void)ts_acceptor_resume_if_due(&runtime->acceptor, now);
	help_waiting(runtime, now);
	restart_logger_if_due(runtime, now);
	if (ts_monotime_is_due(runtime->drain_end, now))
		end_drain(runtime, now);
}

/* While no process can be started, those that wait are left alone. */
static struct ts_monotime
next_help(const struct ts_runtime *runtime)
{
	return ts_acceptor_is_paused(&runtime->acceptor)
	    ? TS_MONOTIME_NEVER
	    : runtime->dispatch.ask_at;
}

static struct ts_monotime
next_timer(const struct ts_runtime *runtime)
{
	const struct ts_monotime all[] = {
		ts_deadline_next(&runtime->connections.deadline),
		next_help(runtime),
		ts_status_next(&runtime->status),
		runtime->acceptor.resume_at,
		runtime->logger.retry_at,
		runtime->drain_end,
		runtime->leave_at,
	};
	struct ts_monotime next = TS_MONOTIME_NEVER;

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		next = ts_monotime_earlier(next, all[i]);
	return next;
}

/* --- The loop ------------------------------------------------------------ */

static int
serve(struct ts_runtime *runtime)
{
	struct ts_poller_round round;
	int r;

	round.now = ts_poller_now();
	while (!is_over(runtime, round.now)) {
		r = ts_poller_wait(&runtime->poller, next_timer(runtime),
		    &round);
		if (r < 0)
			return ts_server_fail(runtime->server, r, "epoll_wait",
			    NULL);
		for (unsigned i = 0; i < round.count; i++)
			handle_event(runtime, round.tags[i], round.now);
		handle_timers(runtime, round.now);
		fill(runtime, round.now);
	}
	return 0;
}

/* The last line of the log: the totals. */
static void
log_totals(struct ts_runtime *runtime)
{
	char text[TS_REPORT_TOTALS_SIZE];

	ts_report_totals(&runtime->metrics, text);
	ts_logger_say(&runtime->logger, "stopped: %s", text);
}

int
ts_loop_run(struct tcpserver *server, tcpserver_handler *handler, void *arg)
{
	struct ts_runtime runtime = {
		.server = server,
		.null_fd = -1,
		.supervisor_fd = -1,
		.turns_fd = -1,
		.poller.fd = -1,
		.signals.fd = -1,
		.status.fd = -1,
		.children.channel = { -1, -1 },
		.children.context.root_fd = -1,
		.children.context.records_fd = -1,
		.children.context.channel_fd = -1,
		.children.context.turns_fd = -1,
		.children.context.null_fd = -1,
		.drain_end = TS_MONOTIME_NEVER,
		.leave_at = TS_MONOTIME_NEVER,
	};
	int r;

	/* What stdio holds back is the parent's to write, not each child's. */
	(void)fflush(NULL);
	r = ts_runtime_open(&runtime, handler, arg);
	if (r == 0) {
		if (server->options.ready != NULL)
			server->options.ready(server, arg);
		ts_supervisor_notify(runtime.supervisor_fd, "READY=1");
		r = serve(&runtime);
		log_totals(&runtime);
	}
	ts_runtime_close(&runtime);
	return r;
}
