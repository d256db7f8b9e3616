/* SPDX-License-Identifier: MIT */
/* A host and perhaps a port, as in Host and in an absolute target; pure. */
#ifndef EZHTTPD_HTTP_AUTHORITY_H
#define EZHTTPD_HTTP_AUTHORITY_H

#include <stdbool.h>

#include "common/slice.h"

/* The longest name of a host (RFC 1123, 2.1), with its end. */
#define AUTHORITY_HOST_SIZE 256

/*
 * True if `text` is a host and perhaps a port: an IPv6 address in brackets, or
 * labels between dots, of which none is empty but perhaps the one at the end.
 * Narrower than RFC 3986, 3.2.2: no percent codes, no commas, no user, no zone,
 * which no host on the web has.
 */
bool authority_is_good(struct piece text);

/*
 * The host as the name of a folder: in lower case, without port and without a
 * dot at its end; an IPv6 address with its brackets.  False where there is
 * none, or where it could not be one: a name that begins with a dot or is too
 * long.
 */
bool authority_host(char ret_host[AUTHORITY_HOST_SIZE], struct piece text);

#endif
