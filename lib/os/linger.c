/* SPDX-License-Identifier: MIT */
/* Closing in order: what was written arrives. */
#include "os/linger.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>

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
ts_linger_cut(int fd)
{
	const struct linger cut = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &cut, sizeof(cut));
}

void
ts_linger_renew(int fd)
{
	const struct timeval for_ever = { 0, 0 };
	const int off = 0;
	const int on = 1;

	ts_linger_cut(fd);
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &for_ever,
	    sizeof(for_ever));
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &for_ever,
	    sizeof(for_ever));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_CORK, &off, sizeof(off));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}
