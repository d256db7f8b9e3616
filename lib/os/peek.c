/* SPDX-License-Identifier: MIT */
/* Whether a client has said anything; without reading it. */
#include "os/peek.h"

#include <sys/ioctl.h>

#include <poll.h>

enum ts_word
ts_word_of(int connection)
{
	struct pollfd input = {
		.fd = connection,
		.events = POLLIN | POLLRDHUP,
	};
	int bytes = 0;

	if (poll(&input, 1, 0) <= 0)
		return TS_WORD_NONE;
	if ((input.revents & (POLLERR | POLLHUP)) != 0)
		return TS_WORD_GONE;
	/* A client may have asked and then closed its side. */
	if ((input.revents & POLLRDHUP) != 0 &&
	    (ioctl(connection, FIONREAD, &bytes) < 0 || bytes == 0))
		return TS_WORD_GONE;
	return TS_WORD_SPOKEN;
}

bool
ts_peek_is_cut(int connection)
{
	struct pollfd end = { .fd = connection };

	return poll(&end, 1, 0) > 0;
}
