/* SPDX-License-Identifier: MIT */
/*
 * What goes with a connection that is handed from one process to another.
 *
 * Sent as it is: both ends are the same program.  What a child has put in is
 * checked before it is believed.
 */
#ifndef TS_CORE_HANDOFF_H
#define TS_CORE_HANDOFF_H

#include <stdbool.h>
#include <stdint.h>

/* Most of its own that a handler can leave with a connection. */
#define TS_PARCEL_STATE_BYTES 64

struct ts_parcel {
	/* How long it may wait for its client to speak. */
	uint32_t wait_ms;
	uint32_t listener;
	/* It has been served before. */
	uint32_t is_resumed;
	/* Not to be kept, but to be closed in order. */
	uint32_t is_closing;
	uint32_t state_bytes;
	unsigned char state[TS_PARCEL_STATE_BYTES];
};

/* Whether a parcel can be what it says; `listeners` is how many there are. */
static inline bool
ts_parcel_is_sound(const struct ts_parcel *parcel, uint32_t listeners)
{
	return parcel->state_bytes <= TS_PARCEL_STATE_BYTES &&
	    parcel->listener < listeners && parcel->is_resumed <= 1 &&
	    parcel->is_closing <= 1;
}

#endif
