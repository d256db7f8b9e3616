/* SPDX-License-Identifier: MIT */
/*
 * The messages that a child sends to its parent.  A message concerns the
 * sender's own connection and nothing else; the kernel names the sender.
 */
#ifndef TS_CORE_MESSAGE_H
#define TS_CORE_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

/* Most bytes of its own that a handler can leave with a parked connection. */
#define TS_MESSAGE_STATE_BYTES 64
/* Most penalty points that a handler can report. */
#define TS_MESSAGE_MOST_POINTS 100

enum ts_message_kind {
	/* What to keep with the connection, which is going to be parked. */
	TS_MESSAGE_STATE = 1,
	/* The client has done something that the service calls abuse. */
	TS_MESSAGE_PENALTY,
};

struct ts_message {
	uint32_t kind;
	/* With TS_MESSAGE_PENALTY. */
	uint32_t points;
	/* With TS_MESSAGE_STATE. */
	uint32_t state_bytes;
	unsigned char state[TS_MESSAGE_STATE_BYTES];
};

/* Whether a message can be what it says. */
static inline bool
ts_message_is_sound(const struct ts_message *message)
{
	switch (message->kind) {
	case TS_MESSAGE_STATE:
		return message->state_bytes <= TS_MESSAGE_STATE_BYTES;
	case TS_MESSAGE_PENALTY:
		return message->points > 0 &&
		    message->points <= TS_MESSAGE_MOST_POINTS;
	default:
		return false;
	}
}

#endif
