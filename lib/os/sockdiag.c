/* SPDX-License-Identifier: MIT */
/* The kernel's own figures of a connection (sock_diag(7)). */
#include "os/sockdiag.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <string.h>
#include <unistd.h>

#include "os/fd.h"

/* Room for one answer: the fixed part, and attributes that are not wanted. */
#define ANSWER_BYTES 4096
/* TCP_LISTEN of <netinet/tcp.h>, which <linux/tcp.h> does not go with. */
#define STATE_LISTEN 10

struct request {
	struct nlmsghdr header;
	struct inet_diag_req_v2 diag;
};

int
ts_sockdiag_open(int *ret_fd)
{
	int fd;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (fd < 0)
		return -errno;
	return ts_fd_raise(ret_fd, fd, TS_FD_PARENT);
}

static int
option_of(int fd, int option)
{
	int value = -1;
	socklen_t size = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &size) < 0 ? -1
								     : value;
}

bool
ts_sockdiag_is(int fd)
{
	return option_of(fd, SO_DOMAIN) == AF_NETLINK &&
	    option_of(fd, SO_PROTOCOL) == NETLINK_SOCK_DIAG;
}

static struct request
request_for(const struct ts_sockdiag_id *id)
{
	struct request request = {
		.header = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST,
		},
		.diag = {
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_ext = 1 << (INET_DIAG_INFO - 1),
			.idiag_states = ~0U,
			.id = {
				.idiag_sport = htons(id->local.port),
				.idiag_dport = htons(id->peer.port),
				.idiag_cookie = {
					INET_DIAG_NOCOOKIE,
					INET_DIAG_NOCOOKIE,
				},
			},
		},
	};

	request.diag.sdiag_family =
	    id->peer.kind == TS_ADDR_IPV4 ? AF_INET : AF_INET6;
	memcpy(request.diag.id.idiag_src, id->local.bytes,
	    sizeof(id->local.bytes));
	memcpy(request.diag.id.idiag_dst, id->peer.bytes,
	    sizeof(id->peer.bytes));
	if (id->cookie != 0) {
		request.diag.id.idiag_cookie[0] = (uint32_t)id->cookie;
		request.diag.id.idiag_cookie[1] = (uint32_t)(id->cookie >> 32);
	}
	return request;
}

static uint32_t
smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static void
fill(struct ts_progress_sample *sample, const struct tcp_info *info)
{
	sample->received_bytes = info->tcpi_bytes_received;
	sample->acknowledged_bytes = info->tcpi_bytes_acked;
	sample->quiet_ms =
	    smaller(info->tcpi_last_data_recv, info->tcpi_last_data_sent);
	sample->resent_segments = info->tcpi_total_retrans;
	sample->is_resending = info->tcpi_retransmits > 0;
	/* An older kernel does not tell; then nobody has. */
	sample->has_room = info->tcpi_snd_wnd > 0;
}

/* The tcp_info among the attributes of an answer. */
static int
find_info(struct nlmsghdr *header, struct tcp_info *ret_info)
{
	struct inet_diag_msg *message = NLMSG_DATA(header);
	int left = (int)(header->nlmsg_len - NLMSG_LENGTH(sizeof(*message)));
	struct rtattr *attribute = (struct rtattr *)(message + 1);
	size_t size;

	for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
		if (attribute->rta_type != INET_DIAG_INFO)
			continue;
		/* An older kernel's is shorter, a newer one's longer. */
		size = RTA_PAYLOAD(attribute);
		*ret_info = (struct tcp_info){ 0 };
		memcpy(ret_info, RTA_DATA(attribute),
		    size < sizeof(*ret_info) ? size : sizeof(*ret_info));
		return 0;
	}
	return -ENOENT;
}

static int
read_answer(struct nlmsghdr *header, size_t size, struct ts_sockdiag_id *id,
    struct ts_progress_sample *ret_sample)
{
	const struct inet_diag_msg *message = NLMSG_DATA(header);
	struct tcp_info info;
	int r;

	if (!NLMSG_OK(header, size))
		return -EBADMSG;
	if (header->nlmsg_type == NLMSG_ERROR)
		return ((const struct nlmsgerr *)NLMSG_DATA(header))->error;
	if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY ||
	    header->nlmsg_len < NLMSG_LENGTH(sizeof(*message)))
		return -EBADMSG;
	/* Where there is none any more, the kernel shows who listens there. */
	if (message->idiag_state == STATE_LISTEN)
		return -ENOENT;
	r = find_info(header, &info);
	if (r < 0)
		return r;
	fill(ret_sample, &info);
	ret_sample->receive_queue_bytes = message->idiag_rqueue;
	ret_sample->send_queue_bytes = message->idiag_wqueue;
	id->cookie = (uint64_t)message->id.idiag_cookie[1] << 32 |
	    message->id.idiag_cookie[0];
	return 0;
}

int
ts_sockdiag_look(int fd, struct ts_sockdiag_id *id,
    struct ts_progress_sample *ret_sample)
{
	struct request request = request_for(id);
	union {
		struct nlmsghdr header;
		char bytes[ANSWER_BYTES];
	} answer;
	ssize_t n;

	if (send(fd, &request, sizeof(request), 0) < 0)
		return -errno;
	/* The kernel has answered before send() returned. */
	n = recv(fd, &answer, sizeof(answer), MSG_DONTWAIT);
	if (n < 0)
		return -errno;
	return read_answer(&answer.header, (size_t)n, id, ret_sample);
}

int
ts_sockdiag_own(int connection, struct ts_progress_sample *ret_sample)
{
	struct tcp_info info = { 0 };
	socklen_t size = sizeof(info);

	if (getsockopt(connection, IPPROTO_TCP, TCP_INFO, &info, &size) < 0)
		return -errno;
	*ret_sample = (struct ts_progress_sample){ 0 };
	fill(ret_sample, &info);
	return 0;
}
