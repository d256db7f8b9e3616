/* SPDX-License-Identifier: MIT */
/* What time it is. */
#ifndef COMMON_CLOCK_H
#define COMMON_CLOCK_H

#include <stdint.h>

/* Seconds since the beginning of 1970, to be shown. */
int64_t moment_wall_s(void);

/* Milliseconds of a clock that only goes forward, to be compared. */
int64_t moment_now_ms(void);

#endif
