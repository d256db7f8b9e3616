/* SPDX-License-Identifier: MIT */
/* The first line of a request: method, target, version; pure. */
#ifndef EZHTTPD_HTTP_REQUEST_LINE_H
#define EZHTTPD_HTTP_REQUEST_LINE_H

#include "common/slice.h"
#include "http/request.h"

/* The method of that name, which is in upper case or another. */
enum request_method requestline_method(struct piece name);

/*
 * Reads the end of the line, which completes it: what was kept of the target
 * is judged as well.
 * Returns 0 or the status to send.
 */
int requestline_take_version(struct request *request, const char *head,
    struct piece version);

#endif
