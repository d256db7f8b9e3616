/* SPDX-License-Identifier: MIT */
/* The least rate at which a client has to take what it asked for. */
#ifndef EZHTTPD_RATE_H
#define EZHTTPD_RATE_H

#include <stddef.h>
#include <stdint.h>

/* What a client may lag behind at first. */
#define RATE_FIRST_CREDIT_MS 5000
/* What one that has been quick may lag behind at most. */
#define RATE_MOST_CREDIT_MS 8000
/* Each byte taken is worth this, so the least rate is 500 bytes a second. */
#define RATE_BYTE_MS 2

/*
 * The credit that is left after `waited_ms` in which `bytes` were taken.
 * Below 0 the client is too slow.
 */
int64_t rate_settle(int64_t credit_ms, int64_t waited_ms, size_t bytes);

#endif
