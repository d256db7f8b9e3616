/* SPDX-License-Identifier: MIT */
/* What a running server has: opened in its order, and closed again. */
#include "parent/runtime.h"

#include "os/fd.h"
#include "os/permits.h"
#include "os/sockdiag.h"
#include "os/stdio.h"
#include "os/systemd.h"

/* The supervisor's, which knows a network that may not be ours; or our own. */
static int
open_sockdiag(struct ts_running *running)
{
	int given = running->server->sockdiag_fd;
	int r;

	if (given < 0)
		return ts_sockdiag_open(&running->sockdiag);
	r = ts_sockdiag_adopt(&running->sockdiag, given);
	if (r == 0)
		running->server->sockdiag_fd = -1;
	return r;
}

/*
 * What will be out of reach in the jail: /dev/null, which the children have as
 * 0 to 2, the turns, and the ways to the supervisor and to the kernel's
 * figures.
 */
static int
open_outside(struct ts_running *running)
{
	int r;

	r = ts_stdio_open_null(&running->null_fd, TS_FD_PARENT);
	if (r < 0)
		return ts_server_fail(running->server, r, "open", "/dev/null");
	r = open_sockdiag(running);
	if (r < 0)
		return ts_server_fail(running->server, r, "sock_diag", NULL);
	if (running->server->options.turns > 0)
		r = ts_turns_open(&running->turns_fd);
	if (r < 0)
		return ts_server_fail(running->server, r, "turns", NULL);
	running->supervisor_fd = ts_supervisor_open();
	return 0;
}

static int
open_events(struct ts_running *running)
{
	int r;

	r = ts_poller_open(&running->poller);
	if (r < 0)
		return ts_server_fail(running->server, r, "epoll_create1",
		    NULL);
	r = ts_signals_open(&running->signals);
	if (r < 0)
		return ts_server_fail(running->server, r, "signalfd", NULL);
	r = ts_poller_add(&running->poller, running->signals.fd,
	    TS_TAG_SIGNALS);
	if (r < 0)
		return ts_server_fail(running->server, r, "epoll_ctl", NULL);
	return 0;
}

static int
open_parking(struct ts_running *running)
{
	int r;

	running->parking = (struct ts_parking){
		.listeners = running->server->listener_count,
		.null_fd = running->null_fd,
		.tags = { .lot = TS_TAG_LOT, .children = TS_TAG_CHILDREN },
		.lot_fd = -1,
		.children_fd = -1,
		.arrivals_fd = -1,
		.retry_at = TS_MONOTIME_NEVER,
		.poller = &running->poller,
		.brood = &running->brood,
		.metrics = &running->metrics,
		.logger = &running->logger,
		.jail = &running->jail,
	};
	r = ts_parking_open(&running->parking, &running->server->options);
	if (r < 0)
		return ts_server_fail(running->server, r, "lot", NULL);
	return 0;
}

static int
open_brood(struct ts_running *running, tcpserver_handler *handler, void *arg)
{
	const struct ts_child_context context = {
		.handler = handler,
		.arg = arg,
		.root_fd = running->server->root_fd,
		.folder_fds = running->server->folder_fds,
		.folder_count = running->server->folder_count,
		.null_fd = running->null_fd,
		.records_fd = running->logger.records.write_fd,
		.parking_fd = running->parking.children_fd,
		.turns_fd = running->turns_fd,
		.turns = running->server->options.turns,
		.shared = running->logger.shared,
		.signals = &running->signals,
		.jail = &running->jail,
	};
	int r;

	r = ts_brood_open(&running->brood, &running->server->options, &context,
	    &running->metrics, &running->logger);
	running->brood.sockdiag = &running->sockdiag;
	if (r < 0)
		return ts_server_fail(running->server, r, "memory", NULL);
	ts_brood_audit_if_due(&running->brood, ts_poller_now());
	return 0;
}

static int
open_status(struct ts_running *running)
{
	const char *path = running->server->options.status;
	int r;

	running->status = (struct ts_status){
		.path = path,
		.poller = &running->poller,
		.first_tag = TS_TAG_STATUS,
		.brood = &running->brood,
		.parking = &running->parking,
		.logger = &running->logger,
		.jail = &running->jail,
	};
	r = ts_status_open(&running->status);
	if (r < 0)
		return ts_server_fail(running->server, r, "status", path);
	return 0;
}

static int
open_intake(struct ts_running *running)
{
	int r;

	ts_farewell_init(&running->farewell, &running->poller, TS_TAG_FAREWELL,
	    running->server->options.refusal);
	running->intake = (struct ts_intake){
		.server = running->server,
		.poller = &running->poller,
		.brood = &running->brood,
		.farewell = &running->farewell,
		.parking = &running->parking,
		.logger = &running->logger,
		.metrics = &running->metrics,
	};
	r = ts_intake_open(&running->intake);
	if (r < 0)
		return ts_server_fail(running->server, r, "epoll_ctl", NULL);
	return 0;
}

void
ts_running_close(struct ts_running *running)
{
	ts_farewell_release(&running->farewell);
	ts_status_close(&running->status);
	ts_parking_close(&running->parking);
	ts_brood_close(&running->brood);
	if (running->logger.shared != NULL)
		ts_logger_close(&running->logger);
	ts_jail_close(&running->jail);
	ts_signals_close(&running->signals);
	ts_poller_close(&running->poller);
	ts_fd_close(&running->supervisor_fd);
	ts_fd_close(&running->turns_fd);
	ts_sockdiag_close(&running->sockdiag);
	ts_fd_close(&running->null_fd);
}

/* What of the jail is missing here, once. */
static void
say_gaps(struct ts_running *running)
{
	char text[TS_WALLS_TEXT_SIZE];

	ts_walls_missing(&running->jail.walls, text);
	if (running->jail.is_on && text[0] != '\0')
		ts_logger_say(&running->logger, "jail: without these walls: %s",
		    text);
}

int
ts_running_open(struct ts_running *running, tcpserver_handler *handler,
    void *arg)
{
	const char *name = running->server->options.name;
	int r;

	/* So that releasing it is harmless before it is used. */
	ts_farewell_init(&running->farewell, &running->poller, TS_TAG_FAREWELL,
	    NULL);
	ts_jail_init(&running->jail);
	r = open_outside(running);
	if (r < 0)
		return r;
	r = open_events(running);
	if (r < 0)
		return r;
	r = open_status(running);
	if (r < 0)
		return r;
	r = ts_jail_enter(&running->jail, running->server,
	    &running->status.place_of_path);
	if (r < 0)
		return r;
	r = ts_logger_open(&running->logger, name, running->null_fd,
	    &running->jail);
	if (r < 0)
		return ts_server_fail(running->server, r, "logger", NULL);
	say_gaps(running);
	r = open_parking(running);
	if (r < 0)
		return r;
	r = open_brood(running, handler, arg);
	if (r < 0)
		return r;
	return open_intake(running);
}
