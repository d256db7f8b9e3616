/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own figures of a connection that somebody else holds
 * (sock_diag(7)).  No privilege is needed, and no descriptor of it.
 */
#ifndef TS_OS_SOCKDIAG_H
#define TS_OS_SOCKDIAG_H

#include <stdbool.h>

#include "core/addr.h"
#include "core/progress.h"

/*
 * Names one connection.  The kernel finds it by its addresses and interface;
 * the cookie tells it from every other connection, also from a later one with
 * the same two addresses.
 */
struct ts_sockdiag_id {
	struct ts_addr local;
	struct ts_addr peer;
	/* See SO_COOKIE in socket(7). */
	uint64_t cookie;
	/*
	 * The index of the interface that the socket belongs to; 0: none.
	 * The socket of a link-local peer belongs to one, and so do those of
	 * a listener that is bound to a device or a VRF.
	 */
	uint32_t interface;
};

/*
 * A netlink socket for questions.  It may be a supervisor's, which outlives
 * this process and can be shared with another one, so questions are numbered:
 * answers to others are read and dropped.
 */
struct ts_sockdiag {
	/* -1: none is open. */
	int fd;
	/* The number of the last question; the first one is random. */
	uint32_t sequence;
};

/*
 * Whether `fd` is a socket as ts_sockdiag_open() makes them.  One that was
 * opened in another network namespace knows that one's connections.
 */
bool ts_sockdiag_is(int fd);

/*
 * Opens a socket of this network namespace, as it is now.
 * Fails with what socket(2), fcntl(2) or getrandom(2) says.
 */
int ts_sockdiag_open(struct ts_sockdiag *ret_diag);

/*
 * Uses `fd`, of which ts_sockdiag_is() is true.  ts_sockdiag_close() closes it;
 * on failure it stays the caller's.  Fails with what getrandom(2) says.
 */
int ts_sockdiag_adopt(struct ts_sockdiag *ret_diag, int fd);

void ts_sockdiag_close(struct ts_sockdiag *diag);

/*
 * Asks for the TCP socket `listener`, which is held here, to find out whether
 * the kernel answers at all.
 * Returns 0 when it does.  Returns -ENOENT when it knows nothing of the
 * listener, and so of no connection of it either: the kernel lacks the module
 * tcp_diag, or `diag` is of another network namespace.  Returns -EAFNOSUPPORT
 * if `listener` is not on TCP, or what getsockopt(2), send(2) or recv(2) says.
 */
int ts_sockdiag_probe(struct ts_sockdiag *diag, int listener);

/*
 * Names the connection `fd`, which is held here, between `peer` and `local`.
 * Of one on a unix socket, of which the kernel cannot be asked here, the
 * cookie is set as well.  Fails with what getsockopt(2) says.
 */
int ts_sockdiag_identify(int fd, const struct ts_addr *peer,
    const struct ts_addr *local, struct ts_sockdiag_id *ret_id);

/*
 * Looks one connection up.  Returns 0, -ENOENT if there is none such, -EAGAIN
 * if the kernel has not answered, or what send(2) or recv(2) says.
 */
int ts_sockdiag_look(struct ts_sockdiag *diag, const struct ts_sockdiag_id *id,
    struct ts_progress_sample *ret_sample);

/* The same of a connection held here.  Fails with what getsockopt(2) says. */
int ts_sockdiag_own(int connection, struct ts_progress_sample *ret_sample);

#endif
