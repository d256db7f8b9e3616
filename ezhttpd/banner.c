/* SPDX-License-Identifier: MIT */
/* Tells where the server listens. */
#include "banner.h"

#include <poll.h>
#include <unistd.h>

#include "listen_url.h"

/*
 * The longest line: the URL of a listener, which may be a path of a unix
 * socket, and words.  It is shorter than PIPE_BUF.
 */
#define LINE_BYTES 640
/* Of so many interfaces a listener's URL is told. */
#define HOSTS_TOLD 4

static void
begin_line(struct text *text, char bytes[LINE_BYTES])
{
	text_init(text, bytes, LINE_BYTES);
	text_put_string(text, "listening on ");
}

/*
 * Writes the line if the reader takes it now: a pipe that is full, or that
 * nobody reads, must not keep the server from serving.
 */
static void
write_line(int fd, struct text *text)
{
	struct pollfd output = { .fd = fd, .events = POLLOUT };

	text_put(text, "\n", 1);
	if (poll(&output, 1, 0) == 1 && (output.revents & POLLOUT) != 0 &&
	    write(fd, text->bytes, text->n) < 0)
		return;
}

/* Where it is a wildcard, by which addresses others reach it. */
static void
say_hosts(const struct interfaces *interfaces, const char *address)
{
	unsigned said = 0;
	unsigned i;

	for (i = 0; i < interfaces->count && said < HOSTS_TOLD; i++) {
		char bytes[LINE_BYTES];
		struct text text;

		begin_line(&text, bytes);
		if (!announce_put_host(&text, address, interfaces->hosts[i]))
			continue;
		write_line(STDERR_FILENO, &text);
		said++;
	}
}

void
tell_listeners(const struct tcpserver *server,
    const struct interfaces *interfaces)
{
	const char *address;
	unsigned i;

	for (i = 0;; i++) {
		char bytes[LINE_BYTES];
		struct text text;

		address = tcpserver_address(server, i);
		if (address == NULL)
			return;
		begin_line(&text, bytes);
		announce_put(&text, address);
		write_line(i == 0 ? STDOUT_FILENO : STDERR_FILENO, &text);
		say_hosts(interfaces, address);
	}
}
