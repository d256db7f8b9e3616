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
#include "os/process.h"

/* Room for one answer: the fixed part, and attributes that are not wanted. */
#define ANSWER_BYTES 4096
/* INET_DIAG_NOCOOKIE, twice. */
#define ANY_COOKIE UINT64_MAX

struct request {
	struct nlmsghdr header;
	struct inet_diag_req_v2 diag;
};

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

int
ts_sockdiag_adopt(struct ts_sockdiag *ret_diag, int fd)
{
	struct ts_sockdiag diag = { .fd = fd };
	int r;

	r = ts_spawn_secret(&diag.sequence, sizeof(diag.sequence));
	if (r < 0)
		return r;
	*ret_diag = diag;
	return 0;
}

int
ts_sockdiag_open(struct ts_sockdiag *ret_diag)
{
	int fd;
	int r;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	if (fd < 0)
		return -errno;
	r = ts_fd_raise(&fd, fd, TS_FD_PARENT);
	if (r < 0)
		return r;
	r = ts_sockdiag_adopt(ret_diag, fd);
	if (r < 0)
		ts_fd_close(&fd);
	return r;
}

void
ts_sockdiag_close(struct ts_sockdiag *diag)
{
	ts_fd_close(&diag->fd);
}

int
ts_sockdiag_identify(int fd, const struct ts_addr *peer,
    const struct ts_addr *local, struct ts_sockdiag_id *ret_id)
{
	struct ts_sockdiag_id id = { .local = *local, .peer = *peer };
	socklen_t cookie_size = sizeof(id.cookie);
	socklen_t interface_size = sizeof(id.interface);

	if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &id.cookie, &cookie_size) <
		0 ||
	    getsockopt(fd, SOL_SOCKET, SO_BINDTOIFINDEX, &id.interface,
		&interface_size) < 0)
		return -errno;
	*ret_id = id;
	return 0;
}

static struct request
request_for(const struct ts_sockdiag_id *id, uint32_t sequence)
{
	struct request request = {
		.header = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST,
			.nlmsg_seq = sequence,
		},
		.diag = {
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_ext = 1 << (INET_DIAG_INFO - 1),
			.idiag_states = ~0U,
			.id = {
				.idiag_sport = htons(id->local.port),
				.idiag_dport = htons(id->peer.port),
				.idiag_if = id->interface,
				.idiag_cookie = {
					(uint32_t)id->cookie,
					(uint32_t)(id->cookie >> 32),
				},
			},
		},
	};

	request.diag.sdiag_family =
	    id->local.kind == TS_ADDR_IPV4 ? AF_INET : AF_INET6;
	memcpy(request.diag.id.idiag_src, id->local.bytes,
	    sizeof(id->local.bytes));
	memcpy(request.diag.id.idiag_dst, id->peer.bytes,
	    sizeof(id->peer.bytes));
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
	sample->is_unanswered =
	    info->tcpi_last_data_recv < info->tcpi_last_data_sent;
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

/* Room for an answer, aligned as one. */
union answer {
	struct nlmsghdr header;
	char bytes[ANSWER_BYTES];
};

/*
 * Asks for `id` and reads the answer.  Returns 0 with a message of a socket,
 * or a negative errno.
 */
static int
ask(struct ts_sockdiag *diag, const struct ts_sockdiag_id *id,
    union answer *ret_answer)
{
	struct nlmsghdr *header = &ret_answer->header;
	struct request request = request_for(id, ++diag->sequence);
	ssize_t n;

	if (send(diag->fd, &request, sizeof(request), 0) < 0)
		return -errno;
	/* The kernel has answered before send() returned. */
	do {
		n = recv(diag->fd, ret_answer, sizeof(*ret_answer),
		    MSG_DONTWAIT);
		if (n < 0)
			return -errno;
	} while (!NLMSG_OK(header, (size_t)n) ||
	    header->nlmsg_seq != diag->sequence);
	if (header->nlmsg_type == NLMSG_ERROR &&
	    header->nlmsg_len >= NLMSG_LENGTH(sizeof(struct nlmsgerr)))
		return ((const struct nlmsgerr *)NLMSG_DATA(header))->error;
	if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY ||
	    header->nlmsg_len < NLMSG_LENGTH(sizeof(struct inet_diag_msg)))
		return -EBADMSG;
	return 0;
}

/* The name of a listening socket, whose peer is nobody. */
static int
identify_listener(int listener, struct ts_sockdiag_id *ret_id)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t size = sizeof(sa);
	struct ts_addr local;
	struct ts_addr peer;
	int r;

	if (getsockname(listener, (struct sockaddr *)&sa, &size) < 0)
		return -errno;
	r = ts_addr_from_sockaddr(&local, (const struct sockaddr *)&sa, size);
	if (r < 0)
		return r;
	peer = (struct ts_addr){ .kind = local.kind };
	return ts_sockdiag_identify(listener, &peer, &local, ret_id);
}

int
ts_sockdiag_probe(struct ts_sockdiag *diag, int listener)
{
	struct ts_sockdiag_id id;
	union answer answer;
	int r;

	r = identify_listener(listener, &id);
	if (r < 0)
		return r;
	/* Whichever of those that share its address (SO_REUSEPORT). */
	id.cookie = ANY_COOKIE;
	return ask(diag, &id, &answer);
}

int
ts_sockdiag_look(struct ts_sockdiag *diag, const struct ts_sockdiag_id *id,
    struct ts_progress_sample *ret_sample)
{
	const struct inet_diag_msg *message;
	union answer answer;
	struct tcp_info info;
	int r;

	r = ask(diag, id, &answer);
	if (r < 0)
		/* ESTALE: the two addresses are another connection's now. */
		return r == -ESTALE ? -ENOENT : r;
	r = find_info(&answer.header, &info);
	if (r < 0)
		return r;
	message = NLMSG_DATA(&answer.header);
	fill(ret_sample, &info);
	ret_sample->receive_queue_bytes = message->idiag_rqueue;
	ret_sample->send_queue_bytes = message->idiag_wqueue;
	return 0;
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
