/* SPDX-License-Identifier: MIT */
/*
 * References to the place of a request or to one beside it (RFC 3986, 4.2);
 * pure.
 *
 * All are relative: they also hold where a proxy has taken a prefix off the
 * path.  None begins with a slash or a backslash, so none leads to another
 * host.
 */
#ifndef EZHTTPD_HTTP_LOCATION_H
#define EZHTTPD_HTTP_LOCATION_H

#include <stdbool.h>

#include "common/slice.h"
#include "common/textbuf.h"
#include "http/request.h"

/* No reference to a path of a request is longer. */
#define LOCATION_BYTES (5 * REQUEST_LINE_BYTES)

/* True if a path or a query has no byte that a URL has only percent-encoded. */
bool location_is_encoded(struct piece part);

/*
 * Adds a path or a query, of which it percent-encodes what no URL has as it
 * is.  Percent codes stay as they are.
 */
void location_put(struct text *text, struct piece part);

/*
 * Adds the reference from `path`, which a request has asked for and which does
 * not end in a slash or a dot segment, to the same path with a slash.
 */
void location_put_slash(struct text *text, struct piece path);

/*
 * Adds the reference from `path`, which begins with a slash, to the same path
 * with all percent-encoded that has to be.  It is empty where nothing has.
 * Returns false, and adds nothing, where there is no such reference: behind the
 * first of these bytes is an empty segment or a dot segment.
 */
bool location_put_same(struct text *text, struct piece path);

#endif
