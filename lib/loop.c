/* SPDX-License-Identifier: MIT */
/* The life of a running server: from the start to the last child. */
#include "loop.h"

#include <stdio.h>

#include "brood.h"
#include "core/metrics.h"
#include "farewell.h"
#include "intake.h"
#include "jail.h"
#include "logger.h"
#include "os/fd.h"
#include "os/poller.h"
#include "os/signals.h"
#include "os/sockdiag.h"
#include "os/stdio.h"
#include "os/supervisor.h"
#include "status.h"

/* Whose turn it is, by tag; below TAG_SIGNALS: listener number tag. */
enum {
	TAG_SIGNALS = TS_SERVER_LISTENERS,
	TAG_LOT,
	TAG_CHILDREN,
	TAG_STATUS,
	TAG_FAREWELL = TAG_STATUS + 1 + TS_STATUS_REQUESTERS,
};

/* Everything a running server has.  Opened from the top to the bottom. */
struct loop {
	struct tcpserver *server;
	int null_fd;
	/* -1: no supervisor wants to be told. */
	int supervisor_fd;
	int sockdiag_fd;
	struct ts_poller poller;
	struct ts_signals signals;
	struct ts_status status;
	struct ts_jail jail;
	struct ts_logger logger;
	struct ts_metrics metrics;
	struct ts_brood brood;
	struct ts_parking parking;
	struct ts_farewell farewell;
	struct ts_intake intake;
	/* How often it was told to stop; at 1 it drains, at 2 it kills. */
	unsigned stops;
	/* When those still there are killed. */
	struct ts_monotime drain_end;
};

/*
 * What will be out of reach in the jail: /dev/null, which the children have as
 * 0 to 2, and the ways to the supervisor and to the kernel's figures.
 */
static int
open_outside(struct loop *loop)
{
	int r;

	r = ts_stdio_open_null(&loop->null_fd, TS_FD_PARENT);
	if (r < 0)
		return ts_server_fail(loop->server, r, "open", "/dev/null");
	r = ts_sockdiag_open(&loop->sockdiag_fd);
	if (r < 0)
		return ts_server_fail(loop->server, r, "sock_diag", NULL);
	loop->supervisor_fd = ts_supervisor_open();
	return 0;
}

static int
open_events(struct loop *loop)
{
	int r;

	r = ts_poller_open(&loop->poller);
	if (r < 0)
		return ts_server_fail(loop->server, r, "epoll_create1", NULL);
	r = ts_signals_open(&loop->signals);
	if (r < 0)
		return ts_server_fail(loop->server, r, "signalfd", NULL);
	r = ts_poller_add(&loop->poller, loop->signals.fd, TAG_SIGNALS);
	if (r < 0)
		return ts_server_fail(loop->server, r, "epoll_ctl", NULL);
	return 0;
}

static int
open_parking(struct loop *loop)
{
	int r;

	loop->parking = (struct ts_parking){
		.listeners = loop->server->listener_count,
		.null_fd = loop->null_fd,
		.tags = { .lot = TAG_LOT, .children = TAG_CHILDREN },
		.lot_fd = -1,
		.children_fd = -1,
		.arrivals_fd = -1,
		.retry_at = TS_MONOTIME_NEVER,
		.poller = &loop->poller,
		.brood = &loop->brood,
		.metrics = &loop->metrics,
		.logger = &loop->logger,
		.jail = &loop->jail,
	};
	r = ts_parking_open(&loop->parking, &loop->server->options);
	if (r < 0)
		return ts_server_fail(loop->server, r, "lot", NULL);
	return 0;
}

static int
open_brood(struct loop *loop, tcpserver_handler *handler, void *arg)
{
	const struct ts_child_context context = {
		.handler = handler,
		.arg = arg,
		.root_fd = loop->server->root_fd,
		.null_fd = loop->null_fd,
		.records_fd = loop->logger.records.write_fd,
		.parking_fd = loop->parking.children_fd,
		.shared = loop->logger.shared,
		.signals = &loop->signals,
		.jail = &loop->jail,
	};
	int r;

	r = ts_brood_open(&loop->brood, &loop->server->options, &context,
	    &loop->metrics, &loop->logger);
	loop->brood.sockdiag_fd = loop->sockdiag_fd;
	if (r < 0)
		return ts_server_fail(loop->server, r, "memory", NULL);
	ts_brood_audit_if_due(&loop->brood, ts_poller_now());
	return 0;
}

static int
open_status(struct loop *loop)
{
	const char *path = loop->server->options.status;
	int r;

	loop->status = (struct ts_status){
		.path = path,
		.poller = &loop->poller,
		.first_tag = TAG_STATUS,
		.brood = &loop->brood,
		.parking = &loop->parking,
		.logger = &loop->logger,
		.jail = &loop->jail,
	};
	r = ts_status_open(&loop->status);
	if (r < 0)
		return ts_server_fail(loop->server, r, "status", path);
	return 0;
}

static int
open_intake(struct loop *loop)
{
	int r;

	ts_farewell_init(&loop->farewell, &loop->poller, TAG_FAREWELL,
	    loop->server->options.refusal);
	loop->intake = (struct ts_intake){
		.server = loop->server,
		.poller = &loop->poller,
		.brood = &loop->brood,
		.farewell = &loop->farewell,
		.parking = &loop->parking,
		.logger = &loop->logger,
		.metrics = &loop->metrics,
	};
	r = ts_intake_open(&loop->intake);
	if (r < 0)
		return ts_server_fail(loop->server, r, "epoll_ctl", NULL);
	return 0;
}

/* Closes what start() has opened, however far it came. */
static void
finish(struct loop *loop)
{
	ts_farewell_release(&loop->farewell);
	ts_status_close(&loop->status);
	ts_parking_close(&loop->parking);
	ts_brood_close(&loop->brood);
	if (loop->logger.shared != NULL)
		ts_logger_close(&loop->logger);
	ts_jail_close(&loop->jail);
	ts_signals_close(&loop->signals);
	ts_poller_close(&loop->poller);
	ts_fd_close(&loop->supervisor_fd);
	ts_fd_close(&loop->sockdiag_fd);
	ts_fd_close(&loop->null_fd);
}

/* What of the jail is missing here, once. */
static void
say_gaps(struct loop *loop)
{
	char text[TS_WALLS_TEXT_SIZE];

	ts_walls_missing(&loop->jail.walls, text);
	if (loop->jail.is_on && text[0] != '\0')
		ts_logger_say(&loop->logger, "jail: without these walls: %s",
		    text);
}

static int
start(struct loop *loop, tcpserver_handler *handler, void *arg)
{
	const char *name = loop->server->options.name;
	int r;

	/* So that releasing it is harmless before it is used. */
	ts_farewell_init(&loop->farewell, &loop->poller, TAG_FAREWELL, NULL);
	ts_jail_init(&loop->jail);
	r = open_outside(loop);
	if (r < 0)
		return r;
	r = open_events(loop);
	if (r < 0)
		return r;
	r = open_status(loop);
	if (r < 0)
		return r;
	r = ts_jail_enter(&loop->jail, loop->server,
	    &loop->status.place_of_path);
	if (r < 0)
		return r;
	r = ts_logger_open(&loop->logger, name, loop->null_fd, &loop->jail);
	if (r < 0)
		return ts_server_fail(loop->server, r, "logger", NULL);
	say_gaps(loop);
	r = open_parking(loop);
	if (r < 0)
		return r;
	r = open_brood(loop, handler, arg);
	if (r < 0)
		return r;
	return open_intake(loop);
}

/* Told to stop, `times` more. */
static void
stop(struct loop *loop, unsigned times, struct ts_monotime now)
{
	uint32_t drain_ms = loop->server->options.drain_ms;

	if (times == 0)
		return;
	if (loop->stops == 0) {
		ts_supervisor_notify(loop->supervisor_fd, "STOPPING=1");
		/* Nobody on the way is lost: they are served, or wait there. */
		ts_parking_stop(&loop->parking, now);
		ts_intake_resume_all(&loop->intake, now);
		ts_intake_stop(&loop->intake);
		for (unsigned i = 0; i < loop->server->listener_count; i++)
			ts_server_close_listener(loop->server, i);
		ts_parking_close(&loop->parking);
		loop->server->listener_count = 0;
		ts_brood_ask_to_stop(&loop->brood);
		if (drain_ms != TCPSERVER_NO_LIMIT)
			loop->drain_end = ts_monotime_add_ms(now, drain_ms);
	}
	loop->stops += times;
	if (loop->stops > 1) {
		loop->drain_end = now;
		ts_farewell_release(&loop->farewell);
	}
}

/* What those have handed over that have ended. */
static void
take_arrivals(void *arg)
{
	struct loop *loop = arg;

	ts_parking_take_arrivals(&loop->parking, ts_poller_now());
}

static void
collect(struct loop *loop, struct ts_monotime now)
{
	struct ts_brood_helpers helpers = {
		.logger = loop->logger.pid,
		.lot = loop->parking.pid,
		.ended = take_arrivals,
		.arg = loop,
	};

	if (ts_brood_collect(&loop->brood, &helpers) > 0)
		ts_intake_child_ended(&loop->intake);
	if (helpers.logger_died)
		ts_logger_died(&loop->logger, now);
	if (helpers.lot_died)
		ts_parking_died(&loop->parking, now);
}

/* One thing is ready. */
static void
attend(struct loop *loop, uint64_t tag, struct ts_monotime now)
{
	struct ts_signals_seen seen;

	if (tag < TAG_SIGNALS) {
		ts_intake_accept(&loop->intake, (unsigned)tag, now);
	} else if (tag == TAG_SIGNALS) {
		seen = ts_signals_read(&loop->signals);
		if (seen.child)
			collect(loop, now);
		if (seen.report)
			ts_status_say(&loop->status);
		stop(loop, seen.stops, now);
	} else if (tag == TAG_LOT) {
		ts_intake_resume_parked(&loop->intake, now);
	} else if (tag == TAG_CHILDREN) {
		ts_parking_take_arrivals(&loop->parking, now);
	} else if (tag < TAG_FAREWELL) {
		ts_status_attend(&loop->status, tag, now);
	} else {
		ts_farewell_hear(&loop->farewell,
		    (uint32_t)(tag - TAG_FAREWELL));
	}
}

/* Whatever has become due. */
static void
keep_deadlines(struct loop *loop, struct ts_monotime now)
{
	ts_brood_watch(&loop->brood, now);
	ts_brood_update_stress(&loop->brood, now);
	ts_brood_audit_if_due(&loop->brood, now);
	ts_farewell_expire(&loop->farewell, now);
	ts_status_expire(&loop->status, now);
	ts_intake_resume_if_due(&loop->intake, now);
	ts_logger_restart_if_due(&loop->logger, now);
	ts_parking_restart_if_due(&loop->parking, now);
	if (ts_monotime_is_due(loop->drain_end, now)) {
		ts_brood_dismiss(&loop->brood);
		loop->drain_end = TS_MONOTIME_NEVER;
	}
}

static struct ts_monotime
next_deadline(const struct loop *loop)
{
	const struct ts_monotime all[] = {
		ts_deadline_next(&loop->brood.deadline),
		loop->brood.audit_at,
		ts_deadline_next(&loop->farewell.deadline),
		ts_status_next(&loop->status),
		loop->intake.resume_at,
		loop->logger.retry_at,
		loop->parking.retry_at,
		loop->drain_end,
	};
	struct ts_monotime next = TS_MONOTIME_NEVER;

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		next = ts_monotime_earlier(next, all[i]);
	return next;
}

static bool
is_over(const struct loop *loop)
{
	return loop->stops > 0 && ts_brood_count(&loop->brood) == 0 &&
	    loop->farewell.slots.used == 0;
}

static int
serve(struct loop *loop)
{
	struct ts_poller_round round;
	int r;

	while (!is_over(loop)) {
		r = ts_poller_wait(&loop->poller, next_deadline(loop), &round);
		if (r < 0)
			return ts_server_fail(loop->server, r, "epoll_wait",
			    NULL);
		for (unsigned i = 0; i < round.count; i++)
			attend(loop, round.tags[i], round.now);
		keep_deadlines(loop, round.now);
	}
	return 0;
}

/* The last line of the log: what has been. */
static void
say_totals(struct loop *loop)
{
	const struct ts_metrics *m = &loop->metrics;
	char text[512];
	int n;

	n = snprintf(text, sizeof(text), "%llu accepted, %llu refused",
	    (unsigned long long)m->accepted, (unsigned long long)m->refused);
	for (unsigned i = 0; i < TS_ENDING_COUNT; i++)
		if (m->ended[i] > 0)
			n += snprintf(text + n, sizeof(text) - (size_t)n,
			    ", %llu %s", (unsigned long long)m->ended[i],
			    ts_ending_name(i));
	ts_logger_say(&loop->logger, "stopped: %s", text);
}

int
ts_loop_run(struct tcpserver *server, tcpserver_handler *handler, void *arg)
{
	struct loop loop = {
		.server = server,
		.null_fd = -1,
		.supervisor_fd = -1,
		.sockdiag_fd = -1,
		.poller.fd = -1,
		.signals.fd = -1,
		.status.fd = -1,
		.drain_end = TS_MONOTIME_NEVER,
	};
	int r;

	/* What waits in stdio is the parent's to write, not every child's. */
	(void)fflush(NULL);
	r = start(&loop, handler, arg);
	if (r == 0) {
		ts_supervisor_notify(loop.supervisor_fd, "READY=1");
		r = serve(&loop);
		say_totals(&loop);
	}
	finish(&loop);
	return r;
}
