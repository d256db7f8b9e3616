/* SPDX-License-Identifier: MIT */
/* The way from all processes to the logger. */
#include "os/log_socket.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/fd.h"

/* Room for what waits for the logger, with the kernel's own share of it. */
#define WAITING_BYTES (1 << 20)

int
ts_records_open(struct ts_records *ret_records)
{
	struct ts_records records = { .write_fd = -1, .read_fd = -1 };
	const int waiting_bytes = WAITING_BYTES;
	int pair[2];
	int r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -errno;
	/* What waits counts on the sender's side; the kernel may allow less. */
	(void)setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &waiting_bytes,
	    sizeof(waiting_bytes));
	r = ts_fd_raise(&records.write_fd, pair[0], TS_FD_PARENT);
	if (r < 0) {
		(void)close(pair[1]);
		return r;
	}
	r = ts_fd_raise(&records.read_fd, pair[1], TS_FD_PARENT);
	if (r < 0) {
		ts_records_close(&records);
		return r;
	}
	*ret_records = records;
	return 0;
}

void
ts_records_close(struct ts_records *records)
{
	ts_fd_close(&records->write_fd);
	ts_fd_close(&records->read_fd);
}

int
ts_records_send(int write_fd, const char *text, size_t size)
{
	if (size > TS_RECORDS_BYTES)
		size = TS_RECORDS_BYTES;
	if (send(write_fd, text, size, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return -errno;
	return 0;
}

static ssize_t
receive(int read_fd, char *buffer, size_t size, int flags)
{
	ssize_t n;

	do
		n = recv(read_fd, buffer, size, flags);
	while (n < 0 && errno == EINTR);
	/* An empty record looks like the end: anybody could send one. */
	if (n == 0 && !ts_fd_is_at_end(read_fd))
		return -EBADMSG;
	return n < 0 ? -errno : n;
}

ssize_t
ts_records_receive(int read_fd, char *buffer, size_t size)
{
	return receive(read_fd, buffer, size, 0);
}

ssize_t
ts_records_receive_now(int read_fd, char *buffer, size_t size)
{
	return receive(read_fd, buffer, size, MSG_DONTWAIT);
}
