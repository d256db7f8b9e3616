/* SPDX-License-Identifier: MIT */
/* Where the files lie that a request asks for. */
#ifndef EZHTTPD_LOCATE_H
#define EZHTTPD_LOCATE_H

#include "exchange.h"
#include "place.h"
#include "urlpath.h"

/* A path of a URL: beneath its alias's folder, its host's, or the root. */
void locate(struct place *ret_place, const struct exchange *exchange,
    const struct urlpath *path);

/* A file of the site: beneath the folder of the host, or the root. */
void locate_own(struct place *ret_place, const struct exchange *exchange,
    const char *path);

#endif
