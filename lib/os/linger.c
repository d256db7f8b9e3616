/* SPDX-License-Identifier: MIT */
/* Closing in order: what was written arrives. */
#include "os/linger.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/monotime.h"
#include "os/poller.h"

/* How often to ask whether all has arrived. */
#define TICK_MS 200

void
ts_linger_begin(int fd)
{
	const struct linger in_order = { .l_onoff = 0 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &in_order,
	    sizeof(in_order));
	(void)shutdown(fd, SHUT_WR);
}

int
ts_linger_drain(int fd, size_t most_bytes)
{
	char local[1024];
	ssize_t n;

	/*
	 * TCP throws away under MSG_TRUNC without touching the buffer, see
	 * tcp(7); other sockets fill it, so never ask for more than it has.
	 */
	if (most_bytes > sizeof(local))
		most_bytes = sizeof(local);
	n = recv(fd, local, most_bytes, MSG_TRUNC | MSG_DONTWAIT);
	return n < 0 ? -errno : (int)n;
}

/* Whether all that was sent has arrived, and our end too; so far as is known.
 */
static bool
has_arrived(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0 ||
	    (info.tcpi_unacked == 0 && info.tcpi_notsent_bytes == 0);
}

void
ts_linger_close(int fd)
{
	struct pollfd input = { .fd = fd, .events = POLLIN };
	struct ts_monotime now = ts_poller_now();
	struct ts_monotime end = TS_MONOTIME_NEVER;
	size_t left = TS_LINGER_BYTES;
	bool is_heard_out = false;
	int n;

	/* If this ends by force meanwhile, that is a reset, as it was born. */
	(void)shutdown(fd, SHUT_WR);
	while (!is_heard_out && left > 0 && !ts_monotime_is_due(end, now)) {
		if (end.ns == TS_MONOTIME_NEVER.ns && has_arrived(fd))
			end = ts_monotime_add_ms(now, TS_LINGER_MS);
		n = poll(&input, 1,
		    ts_monotime_wait_ms(ts_monotime_earlier(end,
					    ts_monotime_add_ms(now, TICK_MS)),
			now));
		if (n > 0) {
			n = ts_linger_drain(fd, left);
			left -= n > 0 ? (size_t)n : 0;
			is_heard_out = n <= 0 && n != -EAGAIN;
		}
		now = ts_poller_now();
	}
	ts_linger_begin(fd);
	(void)close(fd);
}
