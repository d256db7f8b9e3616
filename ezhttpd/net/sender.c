/* SPDX-License-Identifier: MIT */
/*
 * Sends to a client, for as long as it takes.
 *
 * A send waits as long as it must: that the client takes enough is watched
 * from outside, by the server.
 */
#include "net/sender.h"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <errno.h>
#include <signal.h>

/* What the kernel takes at once. */
#define SENDFILE_MAX (1 << 30)

static int
send_flagged(struct sender *sender, const char *bytes, size_t n, int flags)
{
	while (n > 0) {
		ssize_t sent = send(sender->fd, bytes, n, flags | MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return -errno;
		bytes += sent;
		n -= (size_t)sent;
		sender->sent_bytes += sent;
	}
	return 0;
}

int
sender_send(struct sender *sender, const char *bytes, size_t n)
{
	return send_flagged(sender, bytes, n, 0);
}

int
sender_send_more(struct sender *sender, const char *bytes, size_t n)
{
	return send_flagged(sender, bytes, n, MSG_MORE);
}

/*
 * sendfile(2) has no MSG_NOSIGNAL; without this, a client that has gone would
 * end the child before the request is logged.
 */
static void
ignore_broken_pipe(void)
{
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	(void)sigaction(SIGPIPE, &ignore, NULL);
}

int
sender_send_file(struct sender *sender, int file, int64_t offset, int64_t n)
{
	off_t at = offset;

	ignore_broken_pipe();
	while (n > 0) {
		size_t most = n < SENDFILE_MAX ? (size_t)n : SENDFILE_MAX;
		ssize_t sent = sendfile(sender->fd, file, &at, most);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return -errno;
		/* The file has become shorter than was announced. */
		if (sent == 0)
			return -EIO;
		n -= sent;
		sender->sent_bytes += sent;
	}
	return 0;
}
