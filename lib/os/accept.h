/* SPDX-License-Identifier: MIT */
/* Taking one connection from a listener. */
#ifndef TS_OS_ACCEPT_H
#define TS_OS_ACCEPT_H

#include "core/addr.h"

/*
 * The next connection of `listener`, blocking and close-on-exec, and its
 * peer.  The caller closes *ret_fd.
 * Fails with what accept4(2) says: -EAGAIN when there is none.
 */
int ts_accept(int listener, int *ret_fd, struct ts_addr *ret_peer);

#endif
