/* SPDX-License-Identifier: MIT */
/* The address of a listener as one can click it; pure. */
#ifndef EZHTTPD_LISTEN_URL_H
#define EZHTTPD_LISTEN_URL_H

#include <stdbool.h>

#include "common/textbuf.h"

/*
 * Writes the URL of a listener whose address is in the form that
 * tcpserver_address() gives.  A wildcard is shown as this machine, in the
 * family it takes; a unix socket as it is.
 */
void announce_put(struct text *text, const char *address);

/*
 * Writes the URL by which others reach it at `host`, an IP address of this
 * machine.
 * Returns false, and writes nothing, where it is not a wildcard, or takes no
 * address of that family.
 */
bool announce_put_host(struct text *text, const char *address,
    const char *host);

#endif
