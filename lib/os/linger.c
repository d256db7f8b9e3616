/* SPDX-License-Identifier: MIT */
/* Closing in order: what was written arrives. */
#include "os/linger.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/monotime.h"
#include "os/poller.h"

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

void
ts_linger_close(int fd)
{
	struct pollfd input = { .fd = fd, .events = POLLIN };
	struct ts_monotime now = ts_poller_now();
	struct ts_monotime end = ts_monotime_add_ms(now, TS_LINGER_MS);
	size_t left = TS_LINGER_BYTES;
	int n = 1;

	ts_linger_begin(fd);
	while (n > 0 && left > 0) {
		if (poll(&input, 1, ts_monotime_wait_ms(end, now)) <= 0)
			break;
		n = ts_linger_drain(fd, left);
		left -= n > 0 ? (size_t)n : 0;
		now = ts_poller_now();
	}
	(void)close(fd);
}
