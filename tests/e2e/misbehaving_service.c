/* SPDX-License-Identifier: MIT */
/*
 * A service whose handler does with its connection what it should not: for the
 * tests of what the parent makes of it.
 *
 *	misbehaving_service MODE ADDRESS [IDLE_MS [MAX_CHILDREN]]
 *
 * A client names one deed in one line.  The child prints its process id in a
 * line, does the deed, and what it has to report follows in a second line.
 */
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <tcpserver.h>
#include <unistd.h>

#define MOST_BYTES 65536
#define LINGER_S 3600
/* How long nothing moves where nobody reads. */
#define STILL_MS 200
/* A process that is not the server's child ends by itself. */
#define KEEP_S 30
#define WAIT_MS 500
#define DEED_BYTES 32
/* The exit statuses of a child that has closed, and that parks: see
 * core/exit_reason.h. */
#define CLOSED 80
#define PARKED 82

struct deed {
	const char *name;
	enum tcpserver_verdict (*act)(int fd);
};

/* What is written here does not arrive: the client does not read. */
static void
fill(int fd)
{
	static const char bytes[MOST_BYTES];
	struct pollfd room = { .fd = fd, .events = POLLOUT };

	while (poll(&room, 1, STILL_MS) == 1 &&
	    send(fd, bytes, sizeof(bytes), MSG_DONTWAIT | MSG_NOSIGNAL) != 0)
		continue;
}

/* Whoever closes the connection last would wait. */
static void
make_linger(int fd)
{
	const struct linger linger = { .l_onoff = 1, .l_linger = LINGER_S };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	fill(fd);
}

static void
await_end(int fd)
{
	(void)poll(&(struct pollfd){ .fd = fd, .events = POLLRDHUP }, 1, -1);
}

/* --- Deeds --------------------------------------------------------------- */

static enum tcpserver_verdict
answer(int fd)
{
	(void)dprintf(fd, "hello\n");
	return TCPSERVER_CLOSE;
}

static enum tcpserver_verdict
stay(int fd)
{
	await_end(fd);
	return TCPSERVER_RESET;
}

static enum tcpserver_verdict
park(int fd)
{
	return TCPSERVER_PARK;
}

static enum tcpserver_verdict
linger(int fd)
{
	make_linger(fd);
	return TCPSERVER_CLOSE;
}

static enum tcpserver_verdict
linger_parked(int fd)
{
	make_linger(fd);
	return TCPSERVER_PARK;
}

static enum tcpserver_verdict
linger_reset(int fd)
{
	make_linger(fd);
	return TCPSERVER_RESET;
}

/* Reports a close that it has not done. */
static enum tcpserver_verdict
linger_falsely_closed(int fd)
{
	make_linger(fd);
	_exit(CLOSED);
}

static enum tcpserver_verdict
linger_falsely_parked(int fd)
{
	make_linger(fd);
	_exit(PARKED);
}

static enum tcpserver_verdict
linger_crashed(int fd)
{
	make_linger(fd);
	abort();
}

static enum tcpserver_verdict
linger_stay(int fd)
{
	make_linger(fd);
	for (;;)
		(void)pause();
}

/* Takes what comes beside the bytes. */
static enum tcpserver_verdict
receive(int fd)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	char byte;
	struct iovec part = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr header = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};

	(void)poll(&(struct pollfd){ .fd = fd, .events = POLLIN }, 1, -1);
	(void)dprintf(fd, "received %zd\n", recvmsg(fd, &header, 0));
	await_end(fd);
	return TCPSERVER_RESET;
}

/* Somebody else has the connection, too, while it is parked. */
static enum tcpserver_verdict
park_kept(int fd)
{
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		(void)alarm(KEEP_S);
		(void)pause();
		_exit(0);
	}
	(void)dprintf(fd, "kept by %d\n", (int)pid);
	return TCPSERVER_PARK;
}

static const struct deed deeds[] = {
	{ "answer", answer },
	{ "stay", stay },
	{ "park", park },
	{ "park_kept", park_kept },
	{ "receive", receive },
	{ "linger", linger },
	{ "linger_parked", linger_parked },
	{ "linger_reset", linger_reset },
	{ "linger_falsely_closed", linger_falsely_closed },
	{ "linger_falsely_parked", linger_falsely_parked },
	{ "linger_crashed", linger_crashed },
	{ "linger_stay", linger_stay },
};

/* --- The service --------------------------------------------------------- */

static bool
read_line(int fd, char line[DEED_BYTES])
{
	for (size_t n = 0; n < DEED_BYTES && recv(fd, line + n, 1, 0) == 1; n++)
		if (line[n] == '\n') {
			line[n] = '\0';
			return true;
		}
	return false;
}

static enum tcpserver_verdict
serve(const struct tcpserver_client *client, void *arg)
{
	char line[DEED_BYTES];

	if (!read_line(client->fd, line))
		return TCPSERVER_CLOSE;
	for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++)
		if (strcmp(deeds[i].name, line) == 0) {
			(void)dprintf(client->fd, "%d\n", (int)getpid());
			return deeds[i].act(client->fd);
		}
	return TCPSERVER_RESET;
}

/* All that the parent has is open by now. */
static void
say_address(const struct tcpserver *server, void *arg)
{
	puts(tcpserver_address(server, 0));
	(void)fflush(stdout);
}

static uint32_t
number(const char *word)
{
	return (uint32_t)strtoul(word, NULL, 10);
}

int
main(int argc, char **argv)
{
	struct tcpserver_options options = {
		.size = sizeof(options),
		.name = "misbehaving",
		.wait_ms = WAIT_MS,
		.refusal = "refused\n",
		.ready = say_address,
	};
	struct tcpserver *server;

	if (argc < 3)
		return 2;
	options.jail.mode = strcmp(argv[1], "off") == 0 ? TCPSERVER_JAIL_OFF
							: TCPSERVER_JAIL_AUTO;
	if (argc > 3)
		options.idle_ms = options.parked_ms = number(argv[3]);
	if (argc > 4)
		options.max_children = number(argv[4]);
	if (tcpserver_new(&server, &options) < 0 ||
	    tcpserver_listen(server, argv[2]) < 0)
		return 1;
	return tcpserver_run(server, serve, NULL) < 0;
}
