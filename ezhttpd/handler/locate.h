/* SPDX-License-Identifier: MIT */
/* Where the files lie that a request asks for. */
#ifndef EZHTTPD_HANDLER_LOCATE_H
#define EZHTTPD_HANDLER_LOCATE_H

#include "files/file_path.h"
#include "handler/exchange.h"
#include "http/url_path.h"

/*
 * Goes to the folder of the host that is asked for, or with one for all, there.
 * To be ended with locate_end(), and before that no file is found.
 * Returns 0, or the status to send.
 */
int locate_begin(struct exchange *exchange);

void locate_end(struct exchange *exchange);

/* A path of a URL: beneath its alias's folder, or the host's. */
void locate(struct place *ret_place, const struct exchange *exchange,
    const struct urlpath *path);

/* A file of the site: beneath the host's folder. */
void locate_own(struct place *ret_place, const struct exchange *exchange,
    const char *path);

#endif
