/* SPDX-License-Identifier: MIT */
/* What a running server has: opened in its order, and closed again. */
#ifndef TS_PARENT_RUNTIME_H
#define TS_PARENT_RUNTIME_H

#include "core/metrics.h"
#include "helpers/logger.h"
#include "jail/jail.h"
#include "os/poller.h"
#include "os/signals.h"
#include "os/sockdiag.h"
#include "parent/acceptor.h"
#include "parent/children.h"
#include "parent/lingering_close.h"
#include "parent/parking.h"
#include "parent/status.h"
#include "server.h"

/* Whose turn it is, by tag; below TS_TAG_SIGNALS: listener number tag. */
enum {
	TS_TAG_SIGNALS = TS_SERVER_LISTENERS,
	TS_TAG_LOT,
	TS_TAG_CHILDREN,
	TS_TAG_STATUS,
	TS_TAG_FAREWELL = TS_TAG_STATUS + 1 + TS_STATUS_REQUESTERS,
};

/* Everything a running server has.  Opened from the top to the bottom. */
struct ts_running {
	struct tcpserver *server;
	int null_fd;
	/* -1: no supervisor wants to be told. */
	int supervisor_fd;
	struct ts_sockdiag sockdiag;
	/* What children take turns by; -1: no turns. */
	int turns_fd;
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
 * Opens all; the server and what is unset (-1, TS_MONOTIME_NEVER) stand there
 * already.  What was opened before a failure is for ts_running_close().
 * Fails with what the step that failed says, its words kept in the server.
 */
int ts_running_open(struct ts_running *running, tcpserver_handler *handler,
    void *arg);

/* Closes what was opened, however far it came. */
void ts_running_close(struct ts_running *running);

#endif
