/* SPDX-License-Identifier: MIT */
/*
 * A service whose handler does with its connection, and with its way to the
 * lot, what it should not: for the tests of what parent and lot make of it.
 *
 *	handing_service MODE ADDRESS [IDLE_MS [MAX_CHILDREN]]
 *
 * A client names one deed in one line.  The child says its process id in a
 * line, does the deed, and what it has to say of it follows in a second line.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <tcpserver.h>
#include <unistd.h>

#define CONNECTION 64
#define LOT 67
/* What a child sends with its connection; of zeros it is a sound one. */
#define PARCEL_BYTES 84
#define MOST_BYTES 65536
/* SCM_MAX_FD of the kernel. */
#define MOST_FDS 253
#define LINGER_S 3600
/* So long nothing moves where nobody reads. */
#define STILL_MS 200
/* What is not the server's child ends by itself. */
#define FLOOD_S 4
#define KEEP_S 30
#define FLOODING 2
#define DEED_BYTES 32

/* What goes to the lot: so many bytes of `fill`, and `fd` so many times. */
struct message {
	size_t bytes;
	int fill;
	int fd;
	unsigned fds;
};

static const struct message sound = { PARCEL_BYTES, 0, CONNECTION, 1 };
static const struct message garbage = { PARCEL_BYTES, 0xff, CONNECTION, 1 };
static const struct message empty = { 0, 0, -1, 0 };
static const struct message brief = { PARCEL_BYTES - 1, 0, CONNECTION, 1 };
static const struct message overlong = { PARCEL_BYTES + 1, 0, CONNECTION, 1 };
static const struct message huge = { MOST_BYTES, 0, CONNECTION, 1 };
static const struct message bare = { PARCEL_BYTES, 0, -1, 0 };
static const struct message with_file = { PARCEL_BYTES, 0, STDIN_FILENO, 1 };
static const struct message with_way = { PARCEL_BYTES, 0, LOT, 1 };
static const struct message with_many = { PARCEL_BYTES, 0, CONNECTION,
	MOST_FDS };

struct deed {
	const char *name;
	enum tcpserver_verdict (*act)(const struct deed *deed, int fd);
	const struct message *first;
	const struct message *second;
};

static int
hand_over(const struct message *message, int flags)
{
	static char bytes[MOST_BYTES];
	static union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(MOST_FDS * sizeof(int))];
	} control;
	struct iovec part = { .iov_base = bytes, .iov_len = message->bytes };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };
	size_t size = message->fds * sizeof(int);

	(void)memset(bytes, message->fill, message->bytes);
	if (message->fds > 0) {
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(size);
		for (unsigned i = 0; i < message->fds; i++)
			memcpy(CMSG_DATA(&control.align) + i * sizeof(int),
			    &message->fd, sizeof(int));
		header.msg_control = &control;
		header.msg_controllen = CMSG_SPACE(size);
	}
	return sendmsg(LOT, &header, flags | MSG_NOSIGNAL) < 0 ? -errno : 0;
}

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
answer(const struct deed *deed, int fd)
{
	(void)dprintf(fd, "hello\n");
	return TCPSERVER_CLOSE;
}

static enum tcpserver_verdict
stay(const struct deed *deed, int fd)
{
	await_end(fd);
	return TCPSERVER_RESET;
}

static enum tcpserver_verdict
park(const struct deed *deed, int fd)
{
	return TCPSERVER_PARK;
}

static enum tcpserver_verdict
linger(const struct deed *deed, int fd)
{
	make_linger(fd);
	return TCPSERVER_CLOSE;
}

static enum tcpserver_verdict
linger_parked(const struct deed *deed, int fd)
{
	make_linger(fd);
	return TCPSERVER_PARK;
}

/* The parent looks only when there is no copy but what is on the way to it. */
static enum tcpserver_verdict
linger_handed_over(const struct deed *deed, int fd)
{
	make_linger(fd);
	(void)kill(getppid(), SIGSTOP);
	(void)hand_over(deed->first, 0);
	if (deed->second != NULL)
		(void)hand_over(deed->second, 0);
	(void)close(fd);
	(void)kill(getppid(), SIGCONT);
	(void)pause();
	return TCPSERVER_RESET;
}

static enum tcpserver_verdict
hand_over_by_hand(const struct deed *deed, int fd)
{
	(void)hand_over(deed->first, 0);
	return TCPSERVER_RESET;
}

static enum tcpserver_verdict
flood(const struct deed *deed, int fd)
{
	while (hand_over(deed->first, 0) != -EPIPE)
		continue;
	return TCPSERVER_RESET;
}

/* By those of whom the parent knows nothing, and whom it cannot end. */
static enum tcpserver_verdict
flood_by_others(const struct deed *deed, int fd)
{
	for (int i = 0; i < FLOODING; i++)
		if (fork() == 0) {
			(void)alarm(FLOOD_S);
			while (hand_over(deed->first, MSG_DONTWAIT) != -EPIPE)
				continue;
			_exit(0);
		}
	while (wait(NULL) > 0)
		continue;
	return TCPSERVER_RESET;
}

static enum tcpserver_verdict
hand_over_false(const struct deed *deed, int fd)
{
	(void)hand_over(deed->first, 0);
	await_end(fd);
	return TCPSERVER_RESET;
}

/* A connection of its own making, instead of the one it was given. */
static enum tcpserver_verdict
hand_over_another(const struct deed *deed, int fd)
{
	struct message message = *deed->first;
	struct sockaddr_storage address = { 0 };
	socklen_t size = sizeof(address);

	message.fd = socket(AF_INET, SOCK_STREAM, 0);
	if (getsockname(fd, (struct sockaddr *)&address, &size) < 0 ||
	    connect(message.fd, (struct sockaddr *)&address, size) < 0)
		return TCPSERVER_CLOSE;
	(void)hand_over(&message, 0);
	await_end(fd);
	return TCPSERVER_RESET;
}

/* Takes what comes beside the bytes. */
static enum tcpserver_verdict
receive(const struct deed *deed, int fd)
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
park_kept(const struct deed *deed, int fd)
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
	{ "hand_over_by_hand", hand_over_by_hand, &sound },
	{ "hand_over_garbage", hand_over_false, &garbage },
	{ "hand_over_file", hand_over_false, &with_file },
	{ "hand_over_way", hand_over_false, &with_way },
	{ "hand_over_another", hand_over_another, &sound },
	{ "linger", linger },
	{ "linger_parked", linger_parked },
	{ "linger_garbage", linger_handed_over, &garbage },
	{ "linger_brief", linger_handed_over, &brief },
	{ "linger_sound_then_bare", linger_handed_over, &sound, &bare },
	{ "flood_again_and_again", flood, &sound },
	{ "flood_garbage", flood, &garbage },
	{ "flood_empty", flood, &empty },
	{ "flood_brief", flood, &brief },
	{ "flood_overlong", flood, &overlong },
	{ "flood_huge", flood, &huge },
	{ "flood_bare", flood, &bare },
	{ "flood_with_file", flood, &with_file },
	{ "flood_with_way", flood, &with_way },
	{ "flood_with_many", flood, &with_many },
	{ "flood_by_others", flood_by_others, &with_file },
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
			return deeds[i].act(&deeds[i], client->fd);
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
		.name = "handing",
		.max_children_per_source = TCPSERVER_NO_LIMIT,
		.max_children_per_group = TCPSERVER_NO_LIMIT,
		.refusal = "refused\n",
		.ready = say_address,
	};
	struct tcpserver *server;

	if (argc < 3)
		return 2;
	options.jail.mode = strcmp(argv[1], "off") == 0 ? TCPSERVER_JAIL_OFF
							: TCPSERVER_JAIL_AUTO;
	if (argc > 3)
		options.idle_ms = number(argv[3]);
	if (argc > 4)
		options.max_children = number(argv[4]);
	if (tcpserver_new(&server, &options) < 0 ||
	    tcpserver_listen(server, argv[2]) < 0)
		return 1;
	return tcpserver_run(server, serve, NULL) < 0;
}
