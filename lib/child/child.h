/* SPDX-License-Identifier: MIT */
/* What a child does: one client, from the fork to the exit status. */
#ifndef TS_CHILD_CHILD_H
#define TS_CHILD_CHILD_H

#include <tcpserver.h>

#include "core/addr.h"
#include "core/handoff.h"
#include "helpers/logger.h"
#include "jail/jail.h"
#include "os/signals.h"

/* The same for every child. */
struct ts_child_context {
	tcpserver_handler *handler;
	void *arg;
	/* -1: none. */
	int root_fd;
	/* Beside the root, as many; the server's. */
	const int *folder_fds;
	unsigned folder_count;
	int null_fd;
	int records_fd;
	/* Where to hand a connection over that is to be parked. */
	int parking_fd;
	/* Its turns (ts_turns_open()) and their number; -1 and 0: none. */
	int turns_fd;
	uint32_t turns;
	struct ts_logger_shared *shared;
	const struct ts_signals *signals;
	const struct ts_jail *jail;
	/* Of those that are started now. */
	bool is_stressed;
};

/* A connection that was accepted: it is whoever holds this who closes fd. */
struct ts_connection {
	int fd;
	unsigned listener;
	struct ts_addr peer;
	struct ts_addr local;
	/* What came with it, if it comes from the lot. */
	struct ts_parcel parcel;
};

/* What a child knows beyond what its handler does; in the child only. */
struct ts_child_own {
	struct ts_logger_shared *shared;
	struct ts_parcel parcel;
	/* How many turns there are, and whether it has one. */
	uint32_t turns;
	bool has_turn;
	/* How many folders there are beside the root. */
	unsigned folder_count;
};

/* In the child: serves, and ends the process with one of enum ts_exit. */
_Noreturn void ts_child_run(const struct ts_child_context *context,
    const struct ts_connection *connection);

#endif
