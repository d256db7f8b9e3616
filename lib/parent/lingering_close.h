/* SPDX-License-Identifier: MIT */
/*
 * Connections that were refused, until they have heard it.
 *
 * They are told why, without a fork and without waiting, and closed in order.
 * Few are heard out at a time; the others are closed at once.  What they send
 * is thrown away unseen.
 */
#ifndef TS_PARENT_LINGERING_CLOSE_H
#define TS_PARENT_LINGERING_CLOSE_H

#include <stddef.h>

#include "core/deadline.h"
#include "core/slots.h"
#include "os/poller.h"

/* Most connections heard out at the same time. */
#define TS_FAREWELL_COUNT 64

struct ts_farewell {
	struct ts_slots slots;
	struct ts_deadline deadline;
	uint32_t next[TS_FAREWELL_COUNT];
	struct ts_deadline_entry heap[TS_FAREWELL_COUNT];
	uint32_t place[TS_FAREWELL_COUNT];
	int fds[TS_FAREWELL_COUNT];
	/* How much each may still send. */
	size_t left_bytes[TS_FAREWELL_COUNT];
	struct ts_poller *poller;
	/* Tags of its own: first_tag + index. */
	uint64_t first_tag;
	const char *message;
};

/* `poller` and `message` (may be NULL) outlive it. */
void ts_farewell_init(struct ts_farewell *farewell, struct ts_poller *poller,
    uint64_t first_tag, const char *message);

/* Closes all that are left, at once. */
void ts_farewell_release(struct ts_farewell *farewell);

/* Says the message on `fd` and closes it, now or later. */
void ts_farewell_add(struct ts_farewell *farewell, int fd,
    struct ts_monotime now);

/* Connection `index` has sent something, or is through. */
void ts_farewell_hear(struct ts_farewell *farewell, uint32_t index);

/* Closes those that have had their time. */
void ts_farewell_expire(struct ts_farewell *farewell, struct ts_monotime now);

#endif
