/* SPDX-License-Identifier: MIT */
/* The fields of a request: which are kept, and what those of framing say. */
#ifndef EZHTTPD_FIELD_H
#define EZHTTPD_FIELD_H

#include "piece.h"
#include "request.h"

/*
 * Reads the line of one field, which lies in `head`, into `request`.
 * Returns 0 or the status to send.
 */
int field_take(struct request *request, const char *head, struct piece line);

#endif
