/* SPDX-License-Identifier: MIT */
/* Sends to a client, as long as it takes enough. */
#include "sender.h"

#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/types.h>

#include <errno.h>
#include <signal.h>

#include "moment.h"
#include "rate.h"

/* What the kernel takes at once. */
#define SENDFILE_MAX (1 << 30)

void
sender_init(struct sender *sender, int fd)
{
	sender->fd = fd;
	sender->is_timed = false;
	sender->credit_ms = RATE_FIRST_CREDIT_MS;
	sender->sent_bytes = 0;
}

/*
 * From here on a send waits a second at most, then says how far it came; and
 * sendfile(2), which has no MSG_NOSIGNAL, fails when the client has gone.
 */
static int
set_timed(struct sender *sender)
{
	const struct timeval second = { .tv_sec = 1 };
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	if (sender->is_timed)
		return 0;
	if (setsockopt(sender->fd, SOL_SOCKET, SO_SNDTIMEO, &second,
		sizeof(second)) < 0)
		return -errno;
	(void)sigaction(SIGPIPE, &ignore, NULL);
	sender->is_timed = true;
	return 0;
}

/* Reckons with a send that took `sent` bytes, or failed with `sent`. */
static int
settle(struct sender *sender, int64_t began_ms, ssize_t sent)
{
	int64_t waited_ms = moment_now_ms() - began_ms;

	if (sent == -EINTR || sent == -EAGAIN)
		sent = 0;
	if (sent < 0)
		return (int)sent;
	sender->sent_bytes += sent;
	sender->credit_ms =
	    rate_settle(sender->credit_ms, waited_ms, (size_t)sent);
	return sender->credit_ms < 0 ? -ETIMEDOUT : 0;
}

/* Sends what was left when the client did not take all at once. */
static int
send_rest(struct sender *sender, const char *bytes, size_t n, int flags)
{
	int r = set_timed(sender);

	while (r == 0 && n > 0) {
		int64_t began_ms = moment_now_ms();
		ssize_t sent = send(sender->fd, bytes, n, flags);

		r = settle(sender, began_ms, sent < 0 ? -errno : sent);
		if (sent > 0) {
			bytes += sent;
			n -= (size_t)sent;
		}
	}
	return r;
}

static int
send_flagged(struct sender *sender, const char *bytes, size_t n, int flags)
{
	ssize_t sent =
	    send(sender->fd, bytes, n, flags | MSG_NOSIGNAL | MSG_DONTWAIT);

	if (sent < 0 && errno != EAGAIN && errno != EINTR)
		return -errno;
	if (sent < 0)
		sent = 0;
	sender->sent_bytes += sent;
	if (sent == (ssize_t)n)
		return 0;
	return send_rest(sender, bytes + sent, n - (size_t)sent,
	    flags | MSG_NOSIGNAL);
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

int
sender_send_file(struct sender *sender, int file, int64_t n)
{
	off_t offset = 0;
	int r = set_timed(sender);

	while (r == 0 && n > 0) {
		int64_t began_ms = moment_now_ms();
		size_t most = n < SENDFILE_MAX ? (size_t)n : SENDFILE_MAX;
		ssize_t sent = sendfile(sender->fd, file, &offset, most);

		if (sent == 0)
			return -EIO;
		r = settle(sender, began_ms, sent < 0 ? -errno : sent);
		if (sent > 0)
			n -= sent;
	}
	return r;
}
