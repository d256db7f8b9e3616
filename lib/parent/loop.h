/* SPDX-License-Identifier: MIT */
/* The event loop of the parent: poll, dispatch, timers, shutdown. */
#ifndef TS_PARENT_LOOP_H
#define TS_PARENT_LOOP_H

#include "server.h"

/*
 * Serves until told to stop.  Returns 0, or the error of the step of the start
 * that failed, with the words kept in the server.
 */
int ts_loop_run(struct tcpserver *server, tcpserver_handler *handler,
    void *arg);

#endif
