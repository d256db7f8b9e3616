/* SPDX-License-Identifier: MIT */
/* How willingly a client takes a thing (RFC 9110, 12.4.2); pure. */
#ifndef EZHTTPD_HTTP_QUALITY_H
#define EZHTTPD_HTTP_QUALITY_H

#include "common/slice.h"

/* A quality that is 1, in thousandths; and one of which nothing was said. */
#define QUALITY_ONE 1000
#define QUALITY_NONE (-1)

/*
 * Reads a number from 0 to 1 with up to three decimals.
 * Returns it in thousandths, or -EBADMSG.
 */
int quality_parse(struct piece text);

#endif
