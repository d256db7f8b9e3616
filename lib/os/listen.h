/* SPDX-License-Identifier: MIT */
/*
 * Listening sockets.
 *
 * What every connection is to have is set on the listener, and inherited by
 * what it accepts, so that it costs no call per connection: no delay,
 * keepalive, a limit on unacknowledged data, bounds on what the kernel keeps,
 * and a linger of 0, by which the death of a child is a reset and leaves
 * nothing behind in the kernel.
 */
#ifndef TS_OS_LISTEN_H
#define TS_OS_LISTEN_H

#include <stdbool.h>
#include <stdint.h>

#include "core/endpoint.h"

/* What connections inherit. */
struct ts_listen_manner {
	/* 0 in these: the kernel's own. */
	uint32_t user_timeout_ms;
	uint32_t receive_buffer_bytes;
	bool client_speaks_first;
};

/* The step that failed, for the message: "socket", "bind", ... */
typedef const char *ts_listen_step;

/*
 * Opens a socket, binds it to `endpoint` and listens, not blocking; with
 * TS_ENDPOINT_ANY on a host without IPv6, on IPv4 alone.  A unix socket that
 * nobody answers at any more is replaced.
 * On success the caller closes *ret_fd.  On failure *ret_step names the step.
 * Fails with what if_nametoindex(3), socket(2), bind(2) or listen(2) says.
 */
int ts_listen_open(int *ret_fd, const struct ts_endpoint *endpoint,
    ts_listen_step *ret_step);

/*
 * Whether `fd` is a stream socket that listens, as handed over by somebody
 * else; it is then made not blocking and close-on-exec.
 * Returns 0 or -EINVAL.
 */
int ts_listen_check(int fd);

/* Sets what connections are to inherit, as far as the socket's kind has it. */
void ts_listen_set_manner(int fd, const struct ts_listen_manner *manner);

/* Where `fd` listens.  Fails with what getsockname(2) says. */
int ts_listen_endpoint(int fd, struct ts_endpoint *ret_endpoint);

/*
 * A unix socket at `path` that only this user may connect to.  It is the
 * caller's to close, and the path to remove.  A dead one there is replaced.
 * Fails with -EINVAL (too long a path), or what socket(2), bind(2) or
 * listen(2) says.
 */
int ts_listen_open_private(int *ret_fd, const char *path);

#endif
