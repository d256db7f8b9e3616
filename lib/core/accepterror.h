/* SPDX-License-Identifier: MIT */
/* What an error of accept(2) means to a server that wants to go on. */
#ifndef TS_CORE_ACCEPTERROR_H
#define TS_CORE_ACCEPTERROR_H

enum ts_accept_error {
	/*
	 * This connection, or this call, came to nothing.  The next may be
	 * accepted at once.
	 */
	TS_ACCEPT_ERROR_TRANSIENT,
	/*
	 * Descriptors or memory are short.  The connection is still waiting:
	 * who tries again at once, spins.
	 */
	TS_ACCEPT_ERROR_RESOURCES,
	/* This socket does not accept, and will not. */
	TS_ACCEPT_ERROR_FATAL,
};

/* Sorts `error`, a positive errno of accept(2). */
enum ts_accept_error ts_accept_error_of(int error);

#endif
