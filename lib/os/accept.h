/* SPDX-License-Identifier: MIT */
/* Takes one connection from a listener (accept(2)). */
#ifndef TS_OS_ACCEPT_H
#define TS_OS_ACCEPT_H

#include "core/addr.h"

/* A connection that was accepted. */
struct ts_accepted {
	/* Blocking, close-on-exec, at a number for the parent. */
	int fd;
	/* The other end: its address, or the user at a unix socket. */
	struct ts_addr peer;
};

/*
 * The next connection of `listener`; the caller closes ret_accepted->fd.
 * Fails with what accept4(2) or fcntl(2) says: -EAGAIN when there is none,
 * -ECONNABORTED when the client has gone already.
 */
int ts_accept(int listener, struct ts_accepted *ret_accepted);

#endif
