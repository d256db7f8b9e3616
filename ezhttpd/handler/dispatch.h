/* SPDX-License-Identifier: MIT */
/* One request, one answer. */
#ifndef EZHTTPD_HANDLER_DISPATCH_H
#define EZHTTPD_HANDLER_DISPATCH_H

#include "handler/exchange.h"

/* Answers the request; returns as those of exchange.h that send. */
int resource_answer(struct exchange *exchange);

#endif
