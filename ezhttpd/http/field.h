/* SPDX-License-Identifier: MIT */
/* The fields of a request: which are kept, and what those of framing say. */
#ifndef EZHTTPD_HTTP_FIELD_H
#define EZHTTPD_HTTP_FIELD_H

#include "common/slice.h"
#include "http/request.h"

/*
 * Reads the value of one field, which lies in `head`, into `request`, which has
 * its name.
 * Returns 0 or the status to send.
 */
int field_take(struct request *request, const char *head, struct piece value);

/*
 * The next line of a field in a head that was accepted, behind *at, which
 * begins with 0: a list may be spread over several (RFC 9110, 5.3).
 * Returns false where there is none.
 */
bool field_next(const struct request *request, const char *head,
    enum request_field field, size_t *at, struct piece *ret_value);

#endif
