/* SPDX-License-Identifier: MIT */
/* Handing a descriptor to another process, with a message. */
#include "os/fdpass.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "os/fd.h"
#include "os/linger.h"

/* As many as a message can have (SCM_MAX_FD), so that all can be closed. */
#define MOST_FDS 253

union control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(MOST_FDS * sizeof(int)) +
	    CMSG_SPACE(sizeof(struct ucred))];
};

/* What came beside a message. */
struct baggage {
	int fds[MOST_FDS];
	unsigned count;
	pid_t pid;
};

int
ts_fdpass_open(int ends[2])
{
	const int on = 1;
	int raised[2] = { -1, -1 };
	int pair[2];
	int r = 0;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	for (int i = 0; i < 2; i++) {
		int s = ts_fd_raise(&raised[i], pair[i], TS_FD_PARENT);

		r = r < 0 ? r : s;
	}
	if (r == 0 &&
	    setsockopt(raised[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) < 0)
		r = -errno;
	if (r < 0) {
		ts_fd_close(&raised[0]);
		ts_fd_close(&raised[1]);
		return r;
	}
	memcpy(ends, raised, sizeof(raised));
	return 0;
}

static int
send_with(int end, int fd, const void *message, size_t size, int flags)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { .bytes = { 0 } };
	struct iovec part = { .iov_len = size };
	struct msghdr header = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *rights = CMSG_FIRSTHDR(&header);

	/* sendmsg() does not write to it. */
	memcpy(&part.iov_base, &message, sizeof(message));
	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(rights), &fd, sizeof(fd));
	if (sendmsg(end, &header, flags | MSG_NOSIGNAL) < 0)
		return -errno;
	return 0;
}

int
ts_fdpass_send(int end, int fd, const void *message, size_t size)
{
	return send_with(end, fd, message, size, MSG_DONTWAIT);
}

int
ts_fdpass_send_waiting(int end, int fd, const void *message, size_t size)
{
	return send_with(end, fd, message, size, 0);
}

static void
unpack(struct msghdr *header, struct baggage *baggage)
{
	struct cmsghdr *c;
	struct ucred sender;

	for (c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c)) {
		size_t bytes = c->cmsg_len - CMSG_LEN(0);

		if (c->cmsg_level != SOL_SOCKET)
			continue;
		if (c->cmsg_type == SCM_CREDENTIALS &&
		    bytes == sizeof(sender)) {
			memcpy(&sender, CMSG_DATA(c), sizeof(sender));
			baggage->pid = sender.pid;
		}
		if (c->cmsg_type == SCM_RIGHTS &&
		    bytes <= sizeof(baggage->fds)) {
			memcpy(baggage->fds, CMSG_DATA(c), bytes);
			baggage->count = (unsigned)(bytes / sizeof(int));
		}
	}
}

int
ts_fdpass_receive(int end, int *ret_fd, pid_t *ret_pid, void *message,
    size_t size)
{
	union control control;
	struct iovec part = { .iov_base = message, .iov_len = size };
	struct msghdr header = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct baggage baggage = { .count = 0 };
	ssize_t n;

	n = recvmsg(end, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n < 0)
		return -errno;
	unpack(&header, &baggage);
	*ret_pid = baggage.pid;
	if ((size_t)n == size && baggage.count == 1 &&
	    (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0) {
		*ret_fd = baggage.fds[0];
		return 1;
	}
	for (unsigned i = 0; i < baggage.count; i++) {
		/* Whatever it is, closing it must not wait. */
		ts_linger_renew(baggage.fds[i]);
		(void)close(baggage.fds[i]);
	}
	return n == 0 && baggage.count == 0 && ts_fd_is_at_end(end) ? 0
								    : -EBADMSG;
}
