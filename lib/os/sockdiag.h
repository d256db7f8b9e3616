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
 * Names one connection: both its ends, and the number the kernel has given
 * it, which no other connection ever has; 0: not known yet.
 */
struct ts_sockdiag_id {
	struct ts_addr local;
	struct ts_addr peer;
	uint64_t cookie;
};

/*
 * Whether `fd` is a socket as ts_sockdiag_open() makes them.  One that was
 * opened in another network namespace knows that one's connections.
 */
bool ts_sockdiag_is(int fd);

/* Of this network namespace, as it is when opened.  Closed by the caller. */
int ts_sockdiag_open(int *ret_fd);

/*
 * Looks one connection up; where its cookie is not known yet, it is then.
 * Returns 0, -ENOENT if there is none such, or what send(2) or recv(2) says.
 */
int ts_sockdiag_look(int fd, struct ts_sockdiag_id *id,
    struct ts_progress_sample *ret_sample);

/* The same of a connection held here.  Fails with what getsockopt(2) says. */
int ts_sockdiag_own(int connection, struct ts_progress_sample *ret_sample);

#endif
