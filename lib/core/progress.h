/* SPDX-License-Identifier: MIT */
/*
 * Does a connection get on: judged from outside, by the kernel's own figures.
 *
 * Four bounds: how long a client may say nothing at first, how long nothing
 * may move at all, and the least rate in each direction.  The rates work by
 * credit: a few seconds to begin with, more for every byte that is moved, and
 * never more than half a minute ahead; so a client that stumbles is not cut,
 * and one that was fast cannot rest on that.  A look that comes later than it
 * was due counts as if it had come in time: whoever was late, perhaps because
 * the machine stood still, it was not the client.
 *
 * Nothing is idle while the send queue holds something, and little while the
 * receive queue does.  The sending rate counts
 * only while the send queue holds something: who has nothing to take is not
 * slow.  The receiving rate counts only while bytes trickle in and none go
 * out: silence is idleness, and a service that takes its time is not a slow
 * client.
 */
#ifndef TS_CORE_PROGRESS_H
#define TS_CORE_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "core/exit_reason.h"
#include "core/monotime.h"

/* Credit to begin with, and the most there may be. */
#define TS_PROGRESS_CREDIT_MS 5000
#define TS_PROGRESS_MOST_CREDIT_MS 30000
/* The time between two looks: at least, at most. */
#define TS_PROGRESS_LEAST_STEP_MS 250
#define TS_PROGRESS_MOST_STEP_MS 5000

/*
 * A service that leaves its input unread, with nothing moving, is not idle
 * but stuck: it has this many times the idle time.
 */
#define TS_PROGRESS_STUCK_FACTOR 20

/*
 * A client that has sent something and got no answer is not idle: the service
 * is slow, or its storage hangs.  It has this many times the idle time.
 */
#define TS_PROGRESS_UNANSWERED_FACTOR 4

/*
 * While a line loses what is sent, this is so much of the time that is charged
 * to its client: what is sent again comes after 1, 2, 4, 8 s, and a client that
 * is willing to read gets nothing meanwhile.
 */
#define TS_PROGRESS_LOSS_DIVISOR 8

/*
 * A connection lags if it moves less than this while bytes wait to be sent to
 * its client, or while its client's request is unfinished: see
 * core/network_table.h.
 */
#define TS_PROGRESS_PACE_BYTES_PER_S 2000

/* The bounds; UINT32_MAX (for the rate: 0) is none. */
struct ts_progress_limits {
	uint32_t first_byte_ms;
	uint32_t idle_ms;
	uint32_t rate_bytes_per_s;
	/* Each time, that of the credit too, is half of what it says. */
	bool is_stressed;
};

/* What the kernel says of a connection, see tcp_info in tcp(7). */
struct ts_progress_sample {
	/* Bytes from the peer, and bytes the peer has acknowledged. */
	uint64_t received_bytes;
	uint64_t acknowledged_bytes;
	/* Bytes not yet read here, and not yet acknowledged there. */
	uint32_t receive_queue_bytes;
	uint32_t send_queue_bytes;
	/* How long ago data last went in or out. */
	uint32_t quiet_ms;
	/* Segments sent again, ever; and whether such a one is on its way. */
	uint32_t resent_segments;
	bool is_resending;
	/* The peer has room for more. */
	bool has_room;
	/* The last data came in, and none went out since. */
	bool is_unanswered;
};

/* Of one connection: what was seen at the last look, and when the next is. */
struct ts_progress {
	struct ts_monotime looked;
	struct ts_monotime due;
	uint64_t received_bytes;
	uint64_t acknowledged_bytes;
	uint32_t resent_segments;
	int64_t receive_credit_ms;
	int64_t send_credit_ms;
	/* The client is to say something first, and has not. */
	bool is_silent;
};

/*
 * Starts at `now`.  `sample` is what the connection has moved before, or NULL
 * for a new one; `is_silent`: its client is to speak first.
 */
void ts_progress_init(struct ts_progress *progress, struct ts_monotime now,
    const struct ts_progress_sample *sample, bool is_silent);

/* The result of a look. */
struct ts_progress_verdict {
	/* TS_KILL_NONE: it may go on. */
	enum ts_kill_reason kill;
	/* When to look again; only with TS_KILL_NONE. */
	struct ts_monotime next;
	bool lags;
};

/* Judges a connection by the figures of a look at `now`. */
struct ts_progress_verdict ts_progress_judge(struct ts_progress *progress,
    const struct ts_progress_limits *limits,
    const struct ts_progress_sample *sample, struct ts_monotime now);

#endif
