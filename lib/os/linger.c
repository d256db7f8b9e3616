/* SPDX-License-Identifier: MIT */
/* Closing in order: what was written arrives. */
#include "os/linger.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "core/monotime.h"
#include "os/poller.h"

/* How often to ask whether all has arrived: ever less often. */
#define LEAST_TICK_MS 1
#define MOST_TICK_MS 200
/* TCP_CLOSE of <netinet/tcp.h>, which <linux/tcp.h> does not go with. */
#define STATE_CLOSE 7

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

bool
ts_linger_has_arrived(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0 ||
	    info.tcpi_state == STATE_CLOSE ||
	    (info.tcpi_unacked == 0 && info.tcpi_notsent_bytes == 0);
}

void
ts_linger_renew(int fd)
{
	const struct linger cut = { .l_onoff = 1, .l_linger = 0 };
	const struct timeval for_ever = { 0, 0 };
	const int off = 0;

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &cut, sizeof(cut));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &for_ever,
	    sizeof(for_ever));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &for_ever,
	    sizeof(for_ever));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_CORK, &off, sizeof(off));
}

/* What of a hearing is not over. */
struct hearing {
	size_t left_bytes;
	/* The peer is through as well. */
	bool is_ended;
	/* There is nobody any more. */
	bool is_cut;
};

/* Waits for input, or just so long where none can come any more. */
static void
hear(struct hearing *hearing, int fd, int wait_ms)
{
	struct pollfd input = { .fd = fd, .events = POLLIN };
	int n;

	if (poll(&input, hearing->is_ended ? 0 : 1, wait_ms) <= 0)
		return;
	n = ts_linger_drain(fd, hearing->left_bytes);
	if (n > 0)
		hearing->left_bytes -= (size_t)n;
	hearing->is_ended = n == 0;
	hearing->is_cut = n < 0 && n != -EAGAIN;
}

bool
ts_linger_hear_out(int fd)
{
	struct hearing hearing = { .left_bytes = TS_LINGER_BYTES };
	struct ts_monotime now = ts_poller_now();
	struct ts_monotime end = TS_MONOTIME_NEVER;
	uint32_t tick_ms = LEAST_TICK_MS;
	bool has_arrived;

	(void)shutdown(fd, SHUT_WR);
	for (;;) {
		has_arrived = ts_linger_has_arrived(fd);
		if (hearing.is_cut || (hearing.is_ended && has_arrived))
			return true;
		if (has_arrived && end.ns == TS_MONOTIME_NEVER.ns)
			end = ts_monotime_add_ms(now, TS_LINGER_MS);
		if (hearing.left_bytes == 0 || ts_monotime_is_due(end, now))
			return false;
		hear(&hearing, fd,
		    ts_monotime_wait_ms(ts_monotime_earlier(end,
					    ts_monotime_add_ms(now, tick_ms)),
			now));
		tick_ms = tick_ms < MOST_TICK_MS ? 2 * tick_ms : MOST_TICK_MS;
		now = ts_poller_now();
	}
}
