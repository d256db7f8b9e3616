/* SPDX-License-Identifier: MIT */
/* The address of a listener as one can click it; pure. */
#ifndef EZHTTPD_ANNOUNCE_H
#define EZHTTPD_ANNOUNCE_H

#include "text.h"

/*
 * Writes the URL of a listener whose address is in the form that
 * tcpserver_address() gives.  A wildcard is shown as this machine, in the
 * family it takes; a unix socket as it is.
 */
void announce_put(struct text *text, const char *address);

#endif
