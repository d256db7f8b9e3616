/* SPDX-License-Identifier: MIT */
/* One connection: requests read one after the other, and answered in order. */
#ifndef EZHTTPD_CONNECTION_CONNECTION_H
#define EZHTTPD_CONNECTION_CONNECTION_H

#include <tcpserver.h>

/* A head has to be there this long after its first byte. */
#define SESSION_HEAD_MS 10000
/* After so long without another request a connection is parked: usually, and
 * while slots are scarce. */
#define SESSION_PARK_MS 1000
#define SESSION_PARK_SCARCE_MS 20
/* Most requests on one connection. */
#define SESSION_REQUESTS 1000

/*
 * Serves one client; the handler for tcpserver_run().  `arg` is the
 * struct service, of exchange.h.
 */
enum tcpserver_verdict session_serve(const struct tcpserver_client *client,
    void *arg);

#endif
