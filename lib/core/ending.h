/* SPDX-License-Identifier: MIT */
/*
 * How a child ends: the exit statuses it may end with, and what a wait status
 * says about it.
 */
#ifndef TS_CORE_ENDING_H
#define TS_CORE_ENDING_H

#include "core/children.h"

/* What a child tells its parent.  Nothing else is ever believed of it. */
enum ts_exit {
	/* Served, and closed in order. */
	TS_EXIT_CLOSED = 0,
	/* Its handler has cut the connection. */
	TS_EXIT_RESET = 1,
	/* It could not put its descriptors in order; the client was cut. */
	TS_EXIT_SETUP = 2,
};

/* What became of a connection.  Each has a counter and a name. */
enum ts_ending {
	TS_ENDING_CLOSED,
	TS_ENDING_RESET,
	/* Died of writing to a client that had gone (SIGPIPE). */
	TS_ENDING_GONE,
	TS_ENDING_EXPIRED,
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
