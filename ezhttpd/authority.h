/* SPDX-License-Identifier: MIT */
/* A host and perhaps a port, as in Host and in an absolute target; pure. */
#ifndef EZHTTPD_AUTHORITY_H
#define EZHTTPD_AUTHORITY_H

#include <stdbool.h>

#include "piece.h"

/*
 * True if `text` is a host and perhaps a port.  Narrower than RFC 3986, 3.2.2:
 * no percent codes, no commas, no user, no zone, which no host on the web has.
 */
bool authority_is_good(struct piece text);

#endif
