/* SPDX-License-Identifier: MIT */
/* The life of a running server: from the start to the last child. */
#ifndef TS_PARENT_LOOP_H
#define TS_PARENT_LOOP_H

#include "server.h"

/*
 * Serves until told to stop.  Returns 0, or what a step of the start said,
 * with the words kept in the server.
 */
int ts_loop_run(struct tcpserver *server, tcpserver_handler *handler,
    void *arg);

#endif
