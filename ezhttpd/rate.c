/* SPDX-License-Identifier: MIT */
/* The least rate at which a client has to take what it asked for. */
#include "rate.h"

int64_t
rate_settle(int64_t credit_ms, int64_t waited_ms, size_t bytes)
{
	int64_t room_ms = RATE_MOST_CREDIT_MS - (credit_ms - waited_ms);

	if (room_ms <= 0 || bytes >= (size_t)room_ms / RATE_BYTE_MS)
		return RATE_MOST_CREDIT_MS;
	return RATE_MOST_CREDIT_MS - room_ms + (int64_t)bytes * RATE_BYTE_MS;
}
