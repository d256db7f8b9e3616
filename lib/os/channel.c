/* SPDX-License-Identifier: MIT */
/* The channel from children to their parent. */
#include "os/channel.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "os/fd.h"

int
ts_channel_open(struct ts_channel *ret_channel)
{
	const int on = 1;
	struct ts_channel channel = { -1, -1 };
	int pair[2];
	int r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	r = ts_fd_raise(&channel.write_fd, pair[0], TS_FD_PARENT);
	if (r == 0)
		r = ts_fd_raise(&channel.read_fd, pair[1], TS_FD_PARENT);
	else
		ts_fd_close(&pair[1]);
	if (r == 0 &&
	    setsockopt(channel.read_fd, SOL_SOCKET, SO_PASSCRED, &on,
		sizeof(on)) < 0)
		r = -errno;
	if (r < 0) {
		ts_channel_close(&channel);
		return r;
	}
	*ret_channel = channel;
	return 0;
}

void
ts_channel_close(struct ts_channel *channel)
{
	ts_fd_close(&channel->write_fd);
	ts_fd_close(&channel->read_fd);
}

int
ts_channel_send(int write_fd, const void *message, size_t size)
{
	if (send(write_fd, message, size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return -errno;
	return 0;
}

/* The process that has sent a message; 0 if the kernel does not tell. */
static pid_t
sender_of(struct msghdr *header)
{
	struct ucred sender = { .pid = 0 };
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c))
		if (c->cmsg_level == SOL_SOCKET &&
		    c->cmsg_type == SCM_CREDENTIALS &&
		    c->cmsg_len == CMSG_LEN(sizeof(sender)))
			memcpy(&sender, CMSG_DATA(c), sizeof(sender));
	return sender.pid;
}

int
ts_channel_receive(int read_fd, pid_t *ret_pid, void *message, size_t size)
{
	/* Room for the sender's name and nothing else: the kernel drops any
	 * descriptor, and none is ever taken in. */
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec part = { .iov_base = message, .iov_len = size };
	struct msghdr header = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t n;

	n = recvmsg(read_fd, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	*ret_pid = sender_of(&header);
	return (size_t)n == size && (header.msg_flags & MSG_TRUNC) == 0
	    ? 1
	    : -EBADMSG;
}
