/* SPDX-License-Identifier: MIT */
/* Everything that a running server has: opened in order, and closed again. */
#ifndef TS_PARENT_RUNTIME_H
#define TS_PARENT_RUNTIME_H

#include "core/metrics.h"
#include "core/penalties.h"
#include "helpers/logger.h"
#include "jail/jail.h"
#include "os/poller.h"
#include "os/signals.h"
#include "parent/acceptor.h"
#include "parent/dispatch.h"
#include "parent/status.h"
#include "server.h"

/* Tags in the poll set; below TS_TAG_SIGNALS: listener number tag. */
enum {
	TS_TAG_SIGNALS = TS_SERVER_LISTENERS,
	TS_TAG_CHANNEL,
	TS_TAG_STATUS,
	/* The first of all connections. */
	TS_TAG_CONNECTION = TS_TAG_STATUS + 1 + TS_STATUS_REQUESTERS,
};

/* Opened from the top to the bottom. */
struct ts_runtime {
	struct tcpserver *server;
	int null_fd;
	/* -1: no supervisor wants to be notified. */
	int supervisor_fd;
	/* The permits of children; -1: none. */
	int turns_fd;
	struct ts_poller poller;
	struct ts_signals signals;
	struct ts_status status;
	struct ts_jail jail;
	struct ts_logger logger;
	struct ts_metrics metrics;
	struct ts_events events;
	/* The memory of all tables. */
	struct ts_table arena;
	struct ts_connections connections;
	struct ts_network_table networks;
	struct ts_penalties penalties;
	struct ts_children children;
	struct ts_watchdog watchdog;
	struct ts_parking parking;
	struct ts_lingering_close lingering;
	struct ts_dispatch dispatch;
	struct ts_acceptor acceptor;
	/* How often it was told to stop; at 1 it drains, at 2 it kills. */
	unsigned stops;
	/* When children that are still there are killed, and from when on they
	 * are no longer waited for. */
	struct ts_monotime drain_end;
	struct ts_monotime leave_at;
};

/*
 * Opens all; the server and what is unset (-1, TS_MONOTIME_NEVER) stand there
 * already.  Whatever was opened before a failure is for ts_runtime_close().
 * Fails with the error of the step that failed, its words kept in the server.
 */
int ts_runtime_open(struct ts_runtime *runtime, tcpserver_handler *handler,
    void *arg);

/* Closes what was opened, however far it came. */
void ts_runtime_close(struct ts_runtime *runtime);

#endif
