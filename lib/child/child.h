/* SPDX-License-Identifier: MIT */
/* What a child does: one client, from the fork to the exit status. */
#ifndef TS_CHILD_CHILD_H
#define TS_CHILD_CHILD_H

#include <tcpserver.h>

#include "core/addr.h"
#include "core/message.h"
#include "core/monotime.h"
#include "helpers/logger.h"
#include "jail/jail.h"
#include "os/fd_window.h"
#include "os/signals.h"

/* The same for every child.  Its descriptors are below TS_FD_WINDOW. */
struct ts_child_context {
	tcpserver_handler *handler;
	void *arg;
	/* -1: none. */
	int root_fd;
	/* The further directories, as many. */
	int folder_fds[TCPSERVER_FOLDERS];
	unsigned folder_count;
	int null_fd;
	int records_fd;
	/* Where to send messages to the parent. */
	int channel_fd;
	/* Its permits (ts_turns_open()) and their number; -1 and 0: none. */
	int turns_fd;
	uint32_t turns;
	/* How long to wait for a client to close. */
	uint32_t linger_ms;
	struct ts_logger_shared *shared;
	const struct ts_signals *signals;
	const struct ts_jail *jail;
};

/* One connection, for its child. */
struct ts_child_task {
	/* The parent's descriptor, and where the child gets its own from. */
	int fd;
	uint64_t lease;
	unsigned listener;
	struct ts_addr peer;
	/* When the child was started. */
	struct ts_monotime since;
	/* Three quarters of the slots are held, or connections wait. */
	bool is_scarce;
	bool is_resumed;
	/* What the handler before has left with it. */
	uint32_t state_bytes;
	unsigned char kept[TS_MESSAGE_STATE_BYTES];
};

/* What the library keeps for a client's handler; in the child only. */
struct ts_child_own {
	struct ts_logger_shared *shared;
	struct ts_monotime since;
	/* What the handler leaves with the connection. */
	struct ts_message state;
	/* How many permits there are, and whether it has one. */
	uint32_t turns;
	bool has_turn;
	/* How many further directories there are. */
	unsigned folder_count;
};

/* In the child: serves, and ends the process with one of enum ts_exit. */
_Noreturn void ts_child_run(const struct ts_child_context *context,
    struct ts_fd_window *window, const struct ts_child_task *task);

#endif
