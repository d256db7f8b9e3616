/* SPDX-License-Identifier: MIT */
/* One request, one answer. */
#ifndef EZHTTPD_RESOURCE_H
#define EZHTTPD_RESOURCE_H

#include "exchange.h"

/* Answers the request; returns as those of exchange.h that send. */
int resource_answer(struct exchange *exchange);

#endif
