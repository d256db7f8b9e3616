/* SPDX-License-Identifier: MIT */
/*
 * How a child ends: the exit statuses it may end with, and what a wait status
 * says about it.
 */
#ifndef TS_CORE_EXIT_REASON_H
#define TS_CORE_EXIT_REASON_H

#include "core/child_table.h"

/* What a child tells its parent.  Nothing else is ever believed of it. */
enum ts_exit {
	/* Served, and closed in order. */
	TS_EXIT_CLOSED = 0,
	/* Its handler has cut the connection. */
	TS_EXIT_RESET = 1,
	/* It has handed its connection over, to wait without a process. */
	TS_EXIT_PARKED = 3,
	/* It could not put its descriptors in order; the client was cut. */
	TS_EXIT_SETUP = 2,
};

/* What became of a connection.  Each has a counter and a name. */
enum ts_ending {
	TS_ENDING_CLOSED,
	/* Handed over to the lot. */
	TS_ENDING_PARKED,
	TS_ENDING_RESET,
	/* Died of writing to a client that had gone (SIGPIPE). */
	TS_ENDING_GONE,
	/* Killed by the parent, see enum ts_child_sentence. */
	TS_ENDING_FIRST_BYTE,
	TS_ENDING_IDLE,
	TS_ENDING_SLOW_SENDER,
	TS_ENDING_SLOW_READER,
	TS_ENDING_LIFETIME,
	TS_ENDING_EVICTED,
	TS_ENDING_DISMISSED,
	/* Died of any other signal. */
	TS_ENDING_CRASHED,
	/* Ended with a status that is not in enum ts_exit, or with SETUP. */
	TS_ENDING_FAILED,
	TS_ENDING_COUNT,
};

/* From what waitpid(2) says of a child, and why the parent killed it. */
enum ts_ending ts_ending_of(int wait_status, enum ts_child_sentence sentence);

/* The name in log lines: "closed", "reset", ... */
const char *ts_ending_name(enum ts_ending ending);

#endif
