/* SPDX-License-Identifier: MIT */
/*
 * Attackers: so many connections from so many addresses of this machine,
 * opened at a given rate, each of which does what its kind does, and is
 * opened again when it is cut.
 *
 *	attacker [-n connections] [-r per second] [-t ms] [-s sources]
 *	    kind[,kind...] port
 *
 * With several kinds the connections take turns.  Connects only to the
 * loopback address, and always ends.  Prints a line each second and at the end:
 *
 *	ms N held N opened N cut N failed N
 *
 * Held are those that are connected now; opened, the attempts; cut, those
 * that the server has ended; failed, attempts that did not begin.
 */
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "side.h"

#define MAX_CONNECTIONS 16000
#define MAX_RATE 100000
#define MAX_MS 600000
#define MAX_KINDS 8
#define EVENTS 512
#define REPORT_MS 1000
/* How much of its rate the attacker may make up for at once. */
#define BURST_MS 100
#define SMALL_BUFFER 2304
#define BLOCK_BYTES 16384

#define GET(path) "GET " path " HTTP/1.1\r\nHost: localhost\r\n\r\n"

/* What becomes of a connection once it is connected. */
enum ending {
	HOLDS,
	CLOSES,
	RESETS,
};

/* How a kind of attacker behaves. */
struct kind {
	const char *name;
	/* Said at once, so many times over. */
	const char *words;
	unsigned times;
	/* Said at each turn, as far as the socket takes it. */
	const char *drip;
	/* Time between two turns; 0: none come. */
	unsigned turn_ms;
	/* Read at each turn. */
	size_t read_bytes;
	/* All that comes is read. */
	bool reads_all;
	/* Of its receive buffer; 0: the kernel's choice. */
	int receive_bytes;
	enum ending ending;
};

static const struct kind kinds[] = {
	{ .name = "idle", .words = "" },
	{ .name = "half-head", .words = "GET / HT", .times = 1 },
	{ .name = "slow-head",
	    .words = "GET / HTTP/1.1\r\nHost: localhost\r\n",
	    .times = 1,
	    .drip = "X-a: b\r\n",
	    .turn_ms = 3000 },
	{ .name = "slow-body",
	    .words = "POST / HTTP/1.1\r\nHost: localhost\r\n"
		     "Content-Length: 100000\r\n\r\n",
	    .times = 1,
	    .drip = "a",
	    .turn_ms = 1000 },
	{ .name = "slow-read",
	    .words = GET("/medium"),
	    .times = 1,
	    .turn_ms = 1000,
	    .read_bytes = 32,
	    .receive_bytes = SMALL_BUFFER },
	{ .name = "sip",
	    .words = GET("/large"),
	    .times = 1,
	    .turn_ms = 1000,
	    .read_bytes = 600,
	    .receive_bytes = SMALL_BUFFER },
	{ .name = "hang", .words = GET("/hanging/file"), .times = 1 },
	{ .name = "zero-window",
	    .words = GET("/medium"),
	    .times = 1,
	    .receive_bytes = SMALL_BUFFER },
	{ .name = "zero-window-large",
	    .words = GET("/large"),
	    .times = 1,
	    .receive_bytes = SMALL_BUFFER },
	{ .name = "keep-alive",
	    .words = GET("/"),
	    .times = 1,
	    .drip = GET("/"),
	    .turn_ms = 3000,
	    .reads_all = true },
	{ .name = "quiet-after-one",
	    .words = GET("/"),
	    .times = 1,
	    .reads_all = true },
	{ .name = "pipeline", .words = GET("/"), .times = 100000 },
	{ .name = "connect-close", .words = "", .ending = CLOSES },
	{ .name = "connect-reset", .words = "", .ending = RESETS },
};

TAILQ_HEAD(connections, connection);

/* One connection: among those to be opened, or in the queue of its kind. */
struct connection {
	TAILQ_ENTRY(connection) next;
	unsigned of_kind;
	int fd;
	bool is_connected;
	double turn_ms;
	/* Bytes of the words, all the times over, that are not yet out. */
	size_t left_bytes;
};

/* The words of a kind, repeated in a block as often as fits. */
struct speech {
	char block[BLOCK_BYTES];
	size_t block_bytes;
	size_t total_bytes;
};

struct attacker {
	struct side_sources sources;
	uint16_t port;
	unsigned connections;
	double rate;
	double limit_ms;
	unsigned kind_count;
	const struct kind *kinds[MAX_KINDS];
	struct speech speeches[MAX_KINDS];
	int epoll_fd;
	/* How many may be opened now. */
	double allowance;
	/* To be opened: those cut last come last. */
	struct connections closed;
	/* By kind, the one whose turn is next first. */
	struct connections open[MAX_KINDS];
	double begin_ms;
	unsigned long long held, opened, cut, failed;
};

static const struct kind *
kind_of(const struct attacker *attacker, const struct connection *connection)
{
	return attacker->kinds[connection->of_kind];
}

static void
connection_close(struct attacker *attacker, struct connection *connection)
{
	(void)close(connection->fd);
	if (connection->is_connected)
		attacker->held--;
	TAILQ_REMOVE(&attacker->open[connection->of_kind], connection, next);
	TAILQ_INSERT_TAIL(&attacker->closed, connection, next);
}

static void
connection_cut(struct attacker *attacker, struct connection *connection)
{
	attacker->cut++;
	connection_close(attacker, connection);
}

static void
connection_watch(const struct attacker *attacker, struct connection *connection)
{
	const struct kind *kind = kind_of(attacker, connection);
	struct epoll_event event = { .events = EPOLLRDHUP };

	if (kind->reads_all)
		event.events |= EPOLLIN;
	if (!connection->is_connected || connection->left_bytes > 0)
		event.events |= EPOLLOUT;
	event.data.ptr = connection;
	if (epoll_ctl(attacker->epoll_fd, EPOLL_CTL_MOD, connection->fd,
		&event) < 0)
		side_die("epoll_ctl");
}

/* Goes on with its words, as far as the socket takes them at once. */
static void
connection_speak(const struct attacker *attacker, struct connection *connection)
{
	const struct speech *speech = &attacker->speeches[connection->of_kind];
	size_t said, size;
	ssize_t sent;

	if (connection->left_bytes == 0)
		return;
	said = (speech->total_bytes - connection->left_bytes) %
	    speech->block_bytes;
	size = speech->block_bytes - said;
	if (size > connection->left_bytes)
		size = connection->left_bytes;
	sent = send(connection->fd, speech->block + said, size, MSG_NOSIGNAL);
	if (sent > 0)
		connection->left_bytes -= (size_t)sent;
}

static void
connection_end(struct attacker *attacker, struct connection *connection)
{
	struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	if (kind_of(attacker, connection)->ending == RESETS)
		(void)setsockopt(connection->fd, SOL_SOCKET, SO_LINGER,
		    &at_once, sizeof(at_once));
	connection_close(attacker, connection);
}

static void
connection_writable(struct attacker *attacker, struct connection *connection)
{
	if (!connection->is_connected) {
		connection->is_connected = true;
		attacker->held++;
	}
	if (kind_of(attacker, connection)->ending != HOLDS) {
		connection_end(attacker, connection);
		return;
	}
	connection_speak(attacker, connection);
	connection_watch(attacker, connection);
}

static void
connection_readable(struct attacker *attacker, struct connection *connection)
{
	static char bytes[65536];
	ssize_t got;

	got = recv(connection->fd, bytes, sizeof(bytes), 0);
	if (got == 0 || (got < 0 && errno != EAGAIN))
		connection_cut(attacker, connection);
}

static void
connection_open(struct attacker *attacker, struct connection *connection)
{
	const struct kind *kind = kind_of(attacker, connection);
	struct epoll_event event = { .events = EPOLLRDHUP | EPOLLOUT };

	connection->fd = side_connect(&attacker->sources, attacker->opened++,
	    attacker->port, kind->receive_bytes);
	TAILQ_REMOVE(&attacker->closed, connection, next);
	if (connection->fd < 0) {
		attacker->failed++;
		TAILQ_INSERT_TAIL(&attacker->closed, connection, next);
		return;
	}
	connection->is_connected = false;
	connection->left_bytes =
	    attacker->speeches[connection->of_kind].total_bytes;
	connection->turn_ms = side_now_ms() + kind->turn_ms;
	TAILQ_INSERT_TAIL(&attacker->open[connection->of_kind], connection,
	    next);
	event.data.ptr = connection;
	if (epoll_ctl(attacker->epoll_fd, EPOLL_CTL_ADD, connection->fd,
		&event) < 0)
		side_die("epoll_ctl");
}

static void
connection_turn(const struct attacker *attacker, struct connection *connection)
{
	const struct kind *kind = kind_of(attacker, connection);
	char bytes[1024];

	if (!connection->is_connected)
		return;
	if (kind->read_bytes > 0)
		(void)recv(connection->fd, bytes, kind->read_bytes, 0);
	if (kind->drip != NULL && connection->left_bytes == 0)
		(void)send(connection->fd, kind->drip, strlen(kind->drip),
		    MSG_NOSIGNAL);
}

/* Gives their turn to all whose time has come; returns when the next has. */
static double
take_turns(struct attacker *attacker, double now_ms)
{
	struct connection *connection;
	double next_ms = now_ms + REPORT_MS;

	for (unsigned i = 0; i < attacker->kind_count; i++) {
		struct connections *open = &attacker->open[i];

		while (attacker->kinds[i]->turn_ms > 0 && !TAILQ_EMPTY(open)) {
			connection = TAILQ_FIRST(open);
			if (connection->turn_ms > now_ms) {
				if (connection->turn_ms < next_ms)
					next_ms = connection->turn_ms;
				break;
			}
			connection_turn(attacker, connection);
			connection->turn_ms =
			    now_ms + attacker->kinds[i]->turn_ms;
			TAILQ_REMOVE(open, connection, next);
			TAILQ_INSERT_TAIL(open, connection, next);
		}
	}
	return next_ms;
}

/* Opens as many as its rate allows; returns when it may open the next. */
static double
open_more(struct attacker *attacker, double now_ms)
{
	while (attacker->allowance >= 1 && !TAILQ_EMPTY(&attacker->closed)) {
		attacker->allowance--;
		connection_open(attacker, TAILQ_FIRST(&attacker->closed));
	}
	if (TAILQ_EMPTY(&attacker->closed))
		return now_ms + REPORT_MS;
	return now_ms + 1000 / attacker->rate;
}

static void
allow(struct attacker *attacker, double elapsed_ms)
{
	double most = attacker->rate * BURST_MS / 1000 + 1;

	attacker->allowance += elapsed_ms * attacker->rate / 1000;
	if (attacker->allowance > most)
		attacker->allowance = most;
}

static void
wait_until(struct attacker *attacker, double until_ms)
{
	struct epoll_event events[EVENTS];
	double left_ms = until_ms - side_now_ms();
	int ready;

	ready = epoll_wait(attacker->epoll_fd, events, EVENTS,
	    left_ms > 0 ? (int)left_ms + 1 : 0);
	for (int i = 0; i < ready; i++) {
		struct connection *connection = events[i].data.ptr;
		uint32_t what = events[i].events;

		if ((what & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0)
			connection_cut(attacker, connection);
		else if ((what & EPOLLIN) != 0)
			connection_readable(attacker, connection);
		else
			connection_writable(attacker, connection);
	}
}

static void
report(const struct attacker *attacker, double now_ms)
{
	printf("ms %.0f held %llu opened %llu cut %llu failed %llu\n",
	    now_ms - attacker->begin_ms, attacker->held, attacker->opened,
	    attacker->cut, attacker->failed);
	(void)fflush(stdout);
}

static void
attacker_run(struct attacker *attacker)
{
	double now_ms, last_ms, report_ms, next_ms, turn_ms;

	attacker->begin_ms = last_ms = side_now_ms();
	report_ms = last_ms + REPORT_MS;
	for (;;) {
		now_ms = side_now_ms();
		if (now_ms - attacker->begin_ms >= attacker->limit_ms)
			break;
		if (now_ms >= report_ms) {
			report(attacker, now_ms);
			report_ms += REPORT_MS;
		}
		allow(attacker, now_ms - last_ms);
		last_ms = now_ms;
		next_ms = open_more(attacker, now_ms);
		turn_ms = take_turns(attacker, now_ms);
		wait_until(attacker, turn_ms < next_ms ? turn_ms : next_ms);
	}
	report(attacker, now_ms);
}

static void
speech_init(struct speech *speech, const struct kind *kind)
{
	size_t size = strlen(kind->words);

	speech->total_bytes = size * kind->times;
	while (speech->block_bytes < speech->total_bytes &&
	    speech->block_bytes + size <= sizeof(speech->block)) {
		memcpy(speech->block + speech->block_bytes, kind->words, size);
		speech->block_bytes += size;
	}
}

static void
find_kinds(struct attacker *attacker, char *names)
{
	char *rest = names, *name;
	size_t count = sizeof(kinds) / sizeof(kinds[0]), i;

	for (name = strsep(&rest, ","); name != NULL;
	     name = strsep(&rest, ",")) {
		for (i = 0; i < count; i++)
			if (strcmp(kinds[i].name, name) == 0)
				break;
		if (i == count || attacker->kind_count == MAX_KINDS) {
			fprintf(stderr, "attacker: no such kind: %s\n", name);
			exit(2);
		}
		speech_init(&attacker->speeches[attacker->kind_count],
		    &kinds[i]);
		attacker->kinds[attacker->kind_count++] = &kinds[i];
	}
}

static void
options_parse(struct attacker *attacker, int argc, char **argv)
{
	int option;

	for (;;) {
		option = getopt(argc, argv, "n:r:t:s:");
		if (option == -1)
			break;
		if (option == 'n')
			attacker->connections =
			    (unsigned)side_number(optarg, 1, MAX_CONNECTIONS);
		else if (option == 'r')
			attacker->rate =
			    (double)side_number(optarg, 1, MAX_RATE);
		else if (option == 't')
			attacker->limit_ms =
			    (double)side_number(optarg, 1, MAX_MS);
		else if (option == 's')
			attacker->sources = side_sources(optarg);
		else
			exit(2);
	}
	if (optind != argc - 2) {
		fputs("usage: attacker [-n connections] [-r per second] "
		      "[-t ms] [-s sources] kind[,kind...] port\n",
		    stderr);
		exit(2);
	}
	find_kinds(attacker, argv[optind]);
	attacker->port = (uint16_t)side_number(argv[optind + 1], 1, UINT16_MAX);
}

int
main(int argc, char **argv)
{
	static struct attacker attacker = { .connections = 100,
		.rate = 1000,
		.limit_ms = 10000 };
	struct connection *all;

	attacker.sources = side_sources("127.0.8.1");
	options_parse(&attacker, argc, argv);
	side_raise_descriptor_limit();
	attacker.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	all = calloc(attacker.connections, sizeof(*all));
	if (attacker.epoll_fd < 0)
		side_die("epoll_create1");
	if (all == NULL)
		side_die("calloc");
	TAILQ_INIT(&attacker.closed);
	for (unsigned i = 0; i < attacker.kind_count; i++)
		TAILQ_INIT(&attacker.open[i]);
	for (unsigned i = 0; i < attacker.connections; i++) {
		all[i].of_kind = i % attacker.kind_count;
		TAILQ_INSERT_TAIL(&attacker.closed, &all[i], next);
	}
	attacker_run(&attacker);
	free(all);
	return EXIT_SUCCESS;
}
