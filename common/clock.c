/* SPDX-License-Identifier: MIT */
/* What time it is. */
#include "common/clock.h"

#include <time.h>

int64_t
moment_wall_s(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return now.tv_sec;
}

int64_t
moment_now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
