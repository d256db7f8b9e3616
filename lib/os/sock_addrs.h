/* SPDX-License-Identifier: MIT */
/* The two ends of a connection. */
#ifndef TS_OS_SOCK_ADDRS_H
#define TS_OS_SOCK_ADDRS_H

#include "core/addr.h"

/*
 * Who is at the other end, and which address it came to; of a unix socket
 * both are the other end's user.
 * Fails with what getpeername(2) or getsockname(2) says; -EAFNOSUPPORT for
 * any other kind of socket.
 */
int ts_ends_of(int connection, struct ts_addr *ret_peer,
    struct ts_addr *ret_local);

/* The same, when accept(2) has told who the other end is. */
int ts_ends_of_accepted(int connection, const struct sockaddr *sa,
    socklen_t sa_size, struct ts_addr *ret_peer, struct ts_addr *ret_local);

#endif
