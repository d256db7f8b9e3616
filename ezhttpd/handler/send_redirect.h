/* SPDX-License-Identifier: MIT */
/* Answers that what is asked for is elsewhere. */
#ifndef EZHTTPD_HANDLER_SEND_REDIRECT_H
#define EZHTTPD_HANDLER_SEND_REDIRECT_H

#include "config/redirect.h"
#include "handler/exchange.h"
#include "http/url_path.h"

/*
 * All keep the query of the request, and return as those of exchange.h that
 * send.
 */

/*
 * Sends the client to the same path with a slash behind it, which links in a
 * folder need.  The path ends in neither a slash nor a dot segment.
 */
int redirect_to_slash(struct exchange *exchange);

/*
 * RFC 9112, 3.2: a target with bytes that no URL has as they are is not served,
 * since others on its way may have read it in another way.  Sends the client to
 * the same target, encoded.  That has none of these bytes, so nobody is sent in
 * a circle.
 */
int redirect_to_encoded(struct exchange *exchange);

/* Sends the client to where the rule says, with `rest` behind it. */
int redirect_by_rule(struct exchange *exchange, const struct redirect *redirect,
    const struct urlpath *path, const char *rest);

#endif
