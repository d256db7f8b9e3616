/* SPDX-License-Identifier: MIT */
/* The first line of a request: method, target, version; pure. */
#ifndef EZHTTPD_REQUESTLINE_H
#define EZHTTPD_REQUESTLINE_H

#include "piece.h"
#include "request.h"

/* What is wrong with a line that begins like this: a status, or 0. */
int requestline_check_method(struct piece line);

/*
 * Reads a whole line, which lies in `head`, into `request`.
 * Returns 0 or the status to send.
 */
int requestline_take(struct request *request, const char *head,
    struct piece line);

#endif
