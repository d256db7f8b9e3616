/* SPDX-License-Identifier: MIT */
/*
 * Why a child has ended: the exit statuses that it may end with, and the
 * meaning of a wait status.
 */
#ifndef TS_CORE_EXIT_REASON_H
#define TS_CORE_EXIT_REASON_H

/*
 * The exit statuses of a child; a parent believes nothing else of it.  They
 * are numbers that exit(3) is not called with by habit.
 */
enum ts_exit {
	/* Served, and closed: nothing more is to be sent or awaited. */
	TS_EXIT_CLOSED = 80,
	/* Served: everything was sent, and the client has not closed yet. */
	TS_EXIT_LINGER,
	/* Served for now: the connection waits for the next request. */
	TS_EXIT_PARKED,
	/* The handler has reset the connection. */
	TS_EXIT_RESET,
	/* The child could not enter its jail or place its descriptors. */
	TS_EXIT_SETUP,
};

/* Why the parent has killed a child. */
enum ts_kill_reason {
	TS_KILL_NONE = 0,
	/* Its client had sent nothing for too long after it came. */
	TS_KILL_FIRST_BYTE,
	/* Nothing was moved for too long. */
	TS_KILL_IDLE,
	/* Its client has sent something, and got no answer for too long. */
	TS_KILL_UNANSWERED,
	/* Its client sent less than the least rate. */
	TS_KILL_SLOW_SENDER,
	/* Its client took less than the least rate. */
	TS_KILL_SLOW_READER,
	/* It used more processor time than what it has moved pays for. */
	TS_KILL_PROCESSOR,
	/* Its connection has lived for the longest time allowed. */
	TS_KILL_LIFETIME,
	/* Its slot was given to a newcomer. */
	TS_KILL_EVICTED,
	/* It has sent malformed or too many messages. */
	TS_KILL_MESSAGES,
	/* The server has stopped. */
	TS_KILL_STOPPED,
	TS_KILL_REASONS,
};

/* What became of a child.  Each has a counter and a name. */
enum ts_exit_reason {
	TS_EXIT_REASON_CLOSED,
	TS_EXIT_REASON_PARKED,
	TS_EXIT_REASON_RESET,
	/* Ended by SIGPIPE: it wrote to a client that had gone. */
	TS_EXIT_REASON_GONE,
	/* Killed by the parent, see enum ts_kill_reason. */
	TS_EXIT_REASON_FIRST_BYTE,
	TS_EXIT_REASON_IDLE,
	TS_EXIT_REASON_UNANSWERED,
	TS_EXIT_REASON_SLOW_SENDER,
	TS_EXIT_REASON_SLOW_READER,
	TS_EXIT_REASON_PROCESSOR,
	TS_EXIT_REASON_LIFETIME,
	TS_EXIT_REASON_EVICTED,
	TS_EXIT_REASON_MESSAGES,
	TS_EXIT_REASON_STOPPED,
	/* Ended by any other signal. */
	TS_EXIT_REASON_CRASHED,
	/* Ended with a status that is not in enum ts_exit, or with SETUP. */
	TS_EXIT_REASON_FAILED,
	TS_EXIT_REASONS,
};

/* From a status of waitpid(2), and why the parent has killed the child. */
enum ts_exit_reason ts_exit_reason_of(int wait_status,
    enum ts_kill_reason killed_for);

/* The name in log lines and reports: "closed", "reset", ... */
const char *ts_exit_reason_name(enum ts_exit_reason reason);

/* The reason of a kill in words: "sent nothing in time", ... */
const char *ts_kill_reason_text(enum ts_kill_reason reason);

#endif
