/* SPDX-License-Identifier: MIT */
/* A classic server on 127.0.0.1, and clients of it, for the bodies of tests. */
#ifndef TESTS_OS_LOOPBACK_H
#define TESTS_OS_LOOPBACK_H

#include <stdbool.h>
#include <tcpserver.h>

/* Opens a server on a free port. */
void loopback_open(TCPSERVER_INFO *server);

/* Connects to it; returns the client's end, which the caller closes. */
int loopback_connect(const TCPSERVER_INFO *server);

/* Whether a descriptor is open. */
bool loopback_is_open(int fd);

#endif
