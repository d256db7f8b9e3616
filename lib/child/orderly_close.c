/* SPDX-License-Identifier: MIT */
/* Closes a connection in order, in its child. */
#include "child/orderly_close.h"

#include <sys/socket.h>

#include <errno.h>
#include <stddef.h>

#include "core/monotime.h"
#include "os/linger.h"
#include "os/poller.h"
#include "os/signals.h"

/* How often to ask whether all was acknowledged: ever less often. */
#define LEAST_TICK_MS 1
#define MOST_TICK_MS 200

/* The state of a close. */
struct close {
	int fd;
	size_t left_bytes;
	/* When to wait for the client no longer; NEVER: not yet known. */
	struct ts_monotime end;
	uint32_t tick_ms;
	/* The client has closed. */
	bool is_ended;
	/* The connection is no more. */
	bool is_cut;
};

/* Waits for input, or only for the time where none can come any more. */
static void
wait_and_drain(struct close *close, struct ts_monotime now)
{
	struct ts_monotime tick = ts_monotime_add_ms(now, close->tick_ms);
	int wait_ms =
	    ts_monotime_wait_ms(ts_monotime_earlier(close->end, tick), now);
	int n;

	close->tick_ms =
	    close->tick_ms < MOST_TICK_MS ? 2 * close->tick_ms : MOST_TICK_MS;
	n = ts_signals_wait_input(close->is_ended ? -1 : close->fd,
	    (unsigned)wait_ms);
	if (n != 1)
		return;
	n = ts_linger_drain(close->fd, close->left_bytes);
	if (n > 0)
		close->left_bytes -= (size_t)n;
	close->is_ended = n == 0;
	close->is_cut = n < 0 && n != -EAGAIN;
}

bool
ts_orderly_close(int fd, uint32_t linger_ms)
{
	struct close close = {
		.fd = fd,
		.left_bytes = TS_LINGER_BYTES,
		.end = TS_MONOTIME_NEVER,
		.tick_ms = LEAST_TICK_MS,
	};
	struct ts_monotime now = ts_poller_now();
	bool is_acked;

	(void)shutdown(fd, SHUT_WR);
	for (;;) {
		is_acked = ts_linger_has_arrived(fd);
		if (close.is_cut || (close.is_ended && is_acked))
			return true;
		if (is_acked && close.end.ns == TS_MONOTIME_NEVER.ns)
			close.end = ts_monotime_add_ms(now, linger_ms);
		if (close.left_bytes == 0 ||
		    ts_monotime_is_due(close.end, now) ||
		    (is_acked && ts_signals_was_asked()))
			return false;
		wait_and_drain(&close, now);
		now = ts_poller_now();
	}
}
