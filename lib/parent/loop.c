/* SPDX-License-Identifier: MIT */
/* The life of a running server: from the start to the last child. */
#include "parent/loop.h"

#include <stdio.h>

#include "core/report.h"
#include "os/systemd.h"
#include "parent/runtime.h"

/* Told to stop, `times` more. */
static void
stop(struct ts_running *running, unsigned times, struct ts_monotime now)
{
	uint32_t drain_ms = running->server->options.drain_ms;

	if (times == 0)
		return;
	if (running->stops == 0) {
		ts_supervisor_notify(running->supervisor_fd, "STOPPING=1");
		/* Nobody on the way is lost: they are served, or wait there. */
		ts_parking_stop(&running->parking, now);
		ts_intake_resume_all(&running->intake, now);
		ts_intake_stop(&running->intake);
		for (unsigned i = 0; i < running->server->listener_count; i++)
			ts_server_close_listener(running->server, i);
		ts_parking_close(&running->parking);
		running->server->listener_count = 0;
		ts_brood_ask_to_stop(&running->brood);
		if (drain_ms != TCPSERVER_NO_LIMIT)
			running->drain_end = ts_monotime_add_ms(now, drain_ms);
	}
	running->stops += times;
	if (running->stops > 1) {
		running->drain_end = now;
		ts_farewell_release(&running->farewell);
	}
}

/* What those have handed over that have ended. */
static void
take_arrivals(void *arg)
{
	struct ts_running *running = arg;

	ts_parking_take_arrivals(&running->parking, ts_poller_now());
}

/* What one of them has handed over, whom nobody can ask any more. */
static void
pass_on(void *arg, int fd, struct ts_parcel *parcel)
{
	struct ts_running *running = arg;

	ts_parking_pass_on(&running->parking, fd, parcel);
}

static void
collect(struct ts_running *running, struct ts_monotime now)
{
	struct ts_brood_helpers helpers = {
		.logger = running->logger.pid,
		.lot = running->parking.pid,
		.ended = take_arrivals,
		.handed = pass_on,
		.arg = running,
	};

	if (ts_brood_collect(&running->brood, &helpers) > 0)
		ts_intake_child_ended(&running->intake);
	if (helpers.logger_died)
		ts_logger_died(&running->logger, now);
	if (helpers.lot_died)
		ts_parking_died(&running->parking, now);
}

/* One thing is ready. */
static void
attend(struct ts_running *running, uint64_t tag, struct ts_monotime now)
{
	struct ts_signals_seen seen;

	if (tag < TS_TAG_SIGNALS) {
		ts_intake_accept(&running->intake, (unsigned)tag, now);
	} else if (tag == TS_TAG_SIGNALS) {
		seen = ts_signals_read(&running->signals);
		if (seen.child)
			collect(running, now);
		if (seen.report)
			ts_status_say(&running->status);
		stop(running, seen.stops, now);
	} else if (tag == TS_TAG_LOT) {
		ts_intake_resume_parked(&running->intake, now);
	} else if (tag == TS_TAG_CHILDREN) {
		ts_parking_take_arrivals(&running->parking, now);
	} else if (tag < TS_TAG_FAREWELL) {
		ts_status_attend(&running->status, tag, now);
	} else {
		ts_farewell_hear(&running->farewell,
		    (uint32_t)(tag - TS_TAG_FAREWELL));
	}
}

/* Whatever has become due. */
static void
keep_deadlines(struct ts_running *running, struct ts_monotime now)
{
	ts_brood_watch(&running->brood, now);
	ts_brood_update_stress(&running->brood, now);
	ts_brood_audit_if_due(&running->brood, now);
	ts_farewell_expire(&running->farewell, now);
	ts_status_expire(&running->status, now);
	ts_intake_resume_if_due(&running->intake, now);
	ts_logger_restart_if_due(&running->logger, now);
	ts_parking_restart_if_due(&running->parking, now);
	if (ts_monotime_is_due(running->drain_end, now)) {
		ts_brood_dismiss(&running->brood);
		running->drain_end = TS_MONOTIME_NEVER;
	}
}

static struct ts_monotime
next_deadline(const struct ts_running *running)
{
	const struct ts_monotime all[] = {
		ts_deadline_next(&running->brood.deadline),
		running->brood.audit_at,
		ts_deadline_next(&running->farewell.deadline),
		ts_status_next(&running->status),
		running->intake.resume_at,
		running->logger.retry_at,
		running->parking.retry_at,
		running->drain_end,
	};
	struct ts_monotime next = TS_MONOTIME_NEVER;

	for (unsigned i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		next = ts_monotime_earlier(next, all[i]);
	return next;
}

static bool
is_over(const struct ts_running *running)
{
	return running->stops > 0 && ts_brood_count(&running->brood) == 0 &&
	    running->farewell.slots.used == 0;
}

static int
serve(struct ts_running *running)
{
	struct ts_poller_round round;
	int r;

	while (!is_over(running)) {
		r = ts_poller_wait(&running->poller, next_deadline(running),
		    &round);
		if (r < 0)
			return ts_server_fail(running->server, r, "epoll_wait",
			    NULL);
		for (unsigned i = 0; i < round.count; i++)
			attend(running, round.tags[i], round.now);
		keep_deadlines(running, round.now);
	}
	return 0;
}

/* The last line of the log: what has been. */
static void
say_totals(struct ts_running *running)
{
	char text[TS_REPORT_TOTALS_SIZE];

	ts_report_totals(&running->metrics, text);
	ts_logger_say(&running->logger, "stopped: %s", text);
}

int
ts_loop_run(struct tcpserver *server, tcpserver_handler *handler, void *arg)
{
	struct ts_running running = {
		.server = server,
		.null_fd = -1,
		.supervisor_fd = -1,
		.sockdiag.fd = -1,
		.turns_fd = -1,
		.poller.fd = -1,
		.signals.fd = -1,
		.status.fd = -1,
		.drain_end = TS_MONOTIME_NEVER,
	};
	int r;

	/* What waits in stdio is the parent's to write, not every child's. */
	(void)fflush(NULL);
	r = ts_running_open(&running, handler, arg);
	if (r == 0) {
		if (server->options.ready != NULL)
			server->options.ready(server, arg);
		ts_supervisor_notify(running.supervisor_fd, "READY=1");
		r = serve(&running);
		say_totals(&running);
	}
	ts_running_close(&running);
	return r;
}
