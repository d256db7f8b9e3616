/* SPDX-License-Identifier: MIT */
/* Tells where the server listens. */
#ifndef EZHTTPD_BANNER_H
#define EZHTTPD_BANNER_H

#include <tcpserver.h>

#include "interfaces.h"

/*
 * A line "listening on URL" for each listener: the first on stdout, for who
 * started this, and the others on stderr; there also, for a wildcard, by which
 * addresses others reach it.  Never waits: a line that its reader does not
 * take at once is left out.
 */
void tell_listeners(const struct tcpserver *server,
    const struct interfaces *interfaces);

#endif
