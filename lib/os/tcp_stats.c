/* SPDX-License-Identifier: MIT */
/* The kernel's statistics of a TCP connection. */
#include "os/tcp_stats.h"

#include <errno.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

/* TCP_CLOSE of <netinet/tcp.h>, which <linux/tcp.h> does not go with. */
#define STATE_CLOSE 7

static uint32_t
smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/*
 * Whether data has come in after the last that went out.  Where none ever went
 * out the kernel counts from the begin of the connection, which may be the very
 * moment at which the first data came.
 */
static bool
is_unanswered(const struct tcp_info *info)
{
	if (info->tcpi_data_segs_out == 0)
		return info->tcpi_bytes_received > 0;
	return info->tcpi_last_data_recv < info->tcpi_last_data_sent;
}

static struct ts_progress_sample
sample_of(const struct tcp_info *info)
{
	return (struct ts_progress_sample){
		.received_bytes = info->tcpi_bytes_received,
		.acknowledged_bytes = info->tcpi_bytes_acked,
		.quiet_ms = smaller(info->tcpi_last_data_recv,
		    info->tcpi_last_data_sent),
		.resent_segments = info->tcpi_total_retrans,
		.is_resending = info->tcpi_retransmits > 0,
		/* An older kernel does not tell: then nobody has. */
		.has_room = info->tcpi_snd_wnd > 0,
		.is_unanswered = is_unanswered(info),
	};
}

/* The bytes in one of the queues of a socket. */
static int
queue_of(int fd, unsigned long which, uint32_t *ret_bytes)
{
	int bytes = 0;

	if (ioctl(fd, which, &bytes) < 0)
		return -errno;
	*ret_bytes = bytes > 0 ? (uint32_t)bytes : 0;
	return 0;
}

int
ts_tcp_stats(int fd, struct ts_progress_sample *ret_sample)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(info);
	struct ts_progress_sample sample;
	int r;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0)
		return -errno;
	if (info.tcpi_state == STATE_CLOSE)
		return -ENOTCONN;
	sample = sample_of(&info);
	r = queue_of(fd, SIOCINQ, &sample.receive_queue_bytes);
	if (r == 0)
		r = queue_of(fd, SIOCOUTQ, &sample.send_queue_bytes);
	if (r == 0)
		*ret_sample = sample;
	return r;
}

uint32_t
ts_tcp_stats_unacked_bytes(int fd)
{
	uint32_t bytes = 0;

	(void)queue_of(fd, SIOCOUTQ, &bytes);
	return bytes;
}
