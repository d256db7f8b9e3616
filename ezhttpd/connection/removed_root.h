/* SPDX-License-Identifier: MIT */
/* Reports that a directory which is served has been removed. */
#ifndef EZHTTPD_CONNECTION_REMOVED_ROOT_H
#define EZHTTPD_CONNECTION_REMOVED_ROOT_H

#include <stdint.h>

#include "handler/exchange.h"

/* At most one line is logged in this time, by all processes together. */
#define REMOVED_ROOT_PAUSE_MS 60000

/*
 * Makes the memory in which the processes agree who logs; it lasts as long as
 * the server.  Fails with what mmap(2) reports.
 */
int removed_root_open(struct removed_root *ret_removed);

/*
 * Logs a line if the root directory or that of an alias has been removed and
 * none was logged lately.  To be called where something was not found.
 */
void removed_root_report(const struct service *service,
    const struct tcpserver_client *client, int64_t now_ms);

#endif
