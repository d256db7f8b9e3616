/* SPDX-License-Identifier: MIT */
/*
 * A small load generator: so many requests, or so many seconds of them, over
 * so many connections at a time, to a server on this machine.
 *
 *	loadgen [-kx] [-c connections] [-e status] [-H field] [-n requests]
 *	    [-s sources] [-t ms] [-u target] port
 *
 * Without -k each request has a connection of its own, which the server
 * closes.  With -s the connections come in turn from 127.0.1.1 and up.  With
 * -x what is not answered when the time is over is broken off and not counted.
 * It goes to 127.0.0.1 and nowhere else, and always ends: without -t after ten
 * minutes.
 *
 * Prints "requests N failed N reconnects N seconds S bytes N".  A request has
 * failed when its answer is not a complete one with the status of -e, which is
 * 200 if not given.  The bytes are all that were received.
 */
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_CONNECTIONS 10000
#define MAX_SOURCES 250
#define MAX_SECONDS 600
#define HEAD_BYTES 4096
#define REQUEST_BYTES 2048
#define STATUS_NOT_MODIFIED 304
#define WAIT_LIMIT_MS 10000

/*
 * One connection, and how far the answer to its request has come.  Of a body
 * in chunks, body_left is what is left of the chunk and the line end behind
 * it; where it is 0 a line is being read, and is_last says that it is one of
 * those behind the last chunk.
 */
struct client {
	int fd;
	bool is_connected;
	size_t head_bytes;
	uint64_t body_left;
	bool is_head_done;
	bool is_body_done;
	bool is_good;
	/* The server has said that it closes after this answer. */
	bool is_closing;
	bool is_chunked;
	bool is_last;
	size_t line_bytes;
	uint64_t line_number;
	char head[HEAD_BYTES];
};

/* What was asked for, and what has been done. */
struct load {
	bool keep;
	bool break_off;
	uint16_t port;
	const char *target;
	/* A field of the head without its line end, or NULL. */
	const char *field;
	unsigned status;
	unsigned connections;
	unsigned sources;
	uint64_t requests;
	double seconds;
	int epoll_fd;
	/* Connections open now. */
	unsigned open;
	struct client *clients;
	double begin_s;
	uint64_t started;
	uint64_t done;
	uint64_t failed;
	uint64_t reconnects;
	uint64_t bytes;
	size_t request_bytes;
	char request[REQUEST_BYTES];
};

static double
now_s(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
die(const char *step)
{
	fprintf(stderr, "loadgen: %s: %s\n", step, strerror(errno));
	exit(EXIT_FAILURE);
}

static bool
may_start(const struct load *load)
{
	return load->started < load->requests &&
	    now_s() - load->begin_s < load->seconds;
}

static void
bind_source(int fd, unsigned number)
{
	struct sockaddr_in source = { .sin_family = AF_INET };
	int on = 1;

	source.sin_addr.s_addr = htonl(0x7f000101 + number);
	(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on,
	    sizeof(on));
	if (bind(fd, (struct sockaddr *)&source, sizeof(source)) < 0)
		die("bind a source");
}

/*
 * Begins to connect, for one request.  Where the server's queue is full that
 * takes a second and more, for which no other connection is to wait.
 */
static void
client_open(struct load *load, struct client *client)
{
	struct sockaddr_in server = { .sin_family = AF_INET };
	struct epoll_event event = { .events = EPOLLOUT };
	int on = 1;

	client->fd =
	    socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (client->fd < 0)
		die("socket");
	(void)setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (load->sources > 0)
		bind_source(client->fd,
		    (unsigned)(client - load->clients) % load->sources);
	server.sin_port = htons(load->port);
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(client->fd, (struct sockaddr *)&server, sizeof(server)) <
		0 &&
	    errno != EINPROGRESS)
		die("connect");
	client->is_connected = false;
	event.data.ptr = client;
	if (epoll_ctl(load->epoll_fd, EPOLL_CTL_ADD, client->fd, &event) < 0)
		die("epoll_ctl");
	load->open++;
	load->started++;
}

static void
client_close(struct load *load, struct client *client)
{
	load->open--;
	(void)close(client->fd);
}

static void
client_ask(struct load *load, struct client *client)
{
	client->head_bytes = 0;
	client->body_left = 0;
	client->is_head_done = false;
	client->is_body_done = false;
	client->is_good = false;
	client->is_closing = false;
	client->is_chunked = false;
	client->is_last = false;
	client->line_bytes = 0;
	client->line_number = 0;
	/* A server that is gone shows when the answer is read. */
	(void)send(client->fd, load->request, load->request_bytes,
	    MSG_NOSIGNAL);
}

/* The value of a field in a head that is complete, or NULL. */
static const char *
client_find(const struct client *client, const char *field)
{
	const char *found = strcasestr(client->head, field);

	return found == NULL ? NULL : found + strlen(field);
}

/* Reads status and length from a head that is complete. */
static void
client_parse_head(struct client *client, unsigned status)
{
	const char *length = client_find(client, "\r\nContent-Length:");
	unsigned long said = 0;

	if (client->head_bytes > 12 && memcmp(client->head, "HTTP/1.", 7) == 0)
		said = strtoul(client->head + 8, NULL, 10);
	client->is_head_done = true;
	client->is_good = said == status;
	client->is_closing =
	    client_find(client, "\r\nConnection: close\r\n") != NULL;
	client->is_chunked =
	    client_find(client, "\r\nTransfer-Encoding: chunked\r\n") != NULL;
	if (said == STATUS_NOT_MODIFIED || client->is_chunked)
		length = "0";
	if (length == NULL)
		client->is_good = false;
	else
		client->body_left = strtoull(length, NULL, 10);
	client->is_body_done = !client->is_chunked && client->body_left == 0;
}

/* Takes bytes into the head; returns how many of them belong to it. */
static size_t
client_take_head(struct client *client, const char *bytes, size_t size,
    unsigned status)
{
	size_t before = client->head_bytes, room;
	const char *end;

	room = sizeof(client->head) - 1 - before;
	if (size > room)
		size = room;
	memcpy(client->head + before, bytes, size);
	client->head[before + size] = '\0';
	end = strstr(client->head, "\r\n\r\n");
	if (end == NULL && size < room) {
		client->head_bytes += size;
		return size;
	}
	client->head_bytes =
	    end == NULL ? before + size : (size_t)(end - client->head) + 4;
	client->head[client->head_bytes] = '\0';
	client_parse_head(client, status);
	return client->head_bytes - before;
}

static bool
client_is_answered(const struct client *client)
{
	return client->is_head_done && client->is_body_done;
}

/* A line between chunks has ended: what comes behind it? */
static void
client_end_line(struct client *client)
{
	if (client->is_last)
		client->is_body_done = client->line_bytes == 0;
	else if (client->line_number == 0)
		client->is_last = true;
	else
		client->body_left = client->line_number + strlen("\r\n");
	client->line_bytes = 0;
	client->line_number = 0;
}

/* Takes bytes into a line between chunks; returns how many belong to it. */
static size_t
client_take_line(struct client *client, const char *bytes, size_t size)
{
	char digit[2] = "";

	for (size_t i = 0; i < size; i++) {
		if (bytes[i] == '\n') {
			client_end_line(client);
			return i + 1;
		}
		if (bytes[i] == '\r')
			continue;
		digit[0] = bytes[i];
		client->line_bytes++;
		client->line_number =
		    client->line_number * 16 + strtoul(digit, NULL, 16);
	}
	return size;
}

/* Takes bytes into the body; returns how many of them belong to it. */
static size_t
client_take_body(struct client *client, const char *bytes, size_t size)
{
	if (client->is_chunked && client->body_left == 0)
		return client_take_line(client, bytes, size);
	if (size > client->body_left)
		size = client->body_left;
	client->body_left -= size;
	if (!client->is_chunked && client->body_left == 0)
		client->is_body_done = true;
	return size;
}

static void
client_take(struct client *client, const char *bytes, size_t size,
    unsigned status)
{
	size_t used;

	while (size > 0 && !client_is_answered(client)) {
		if (client->is_head_done)
			used = client_take_body(client, bytes, size);
		else
			used = client_take_head(client, bytes, size, status);
		bytes += used;
		size -= used;
	}
	if (size > 0)
		client->is_good = false;
}

static void
count_answer(struct load *load, const struct client *client)
{
	load->done++;
	if (!client->is_good || !client_is_answered(client))
		load->failed++;
}

/* The server has closed, in order or not: ends or replaces the connection. */
static void
handle_close(struct load *load, struct client *client)
{
	if (load->keep && client->head_bytes == 0) {
		/* Closed between two requests: asked again, elsewhere. */
		load->started--;
		load->reconnects++;
	} else {
		count_answer(load, client);
	}
	client_close(load, client);
	if (!may_start(load))
		return;
	client_open(load, client);
}

static void
handle_connected(struct load *load, struct client *client)
{
	struct epoll_event event = { .events = EPOLLIN, .data.ptr = client };
	int error = 0;
	socklen_t size = sizeof(error);

	(void)getsockopt(client->fd, SOL_SOCKET, SO_ERROR, &error, &size);
	if (error != 0) {
		errno = error;
		die("connect");
	}
	if (epoll_ctl(load->epoll_fd, EPOLL_CTL_MOD, client->fd, &event) < 0)
		die("epoll_ctl");
	client->is_connected = true;
	client_ask(load, client);
}

static void
handle_bytes(struct load *load, struct client *client)
{
	static char bytes[65536];
	ssize_t got;

	got = recv(client->fd, bytes, sizeof(bytes), MSG_DONTWAIT);
	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (got <= 0) {
		handle_close(load, client);
		return;
	}
	load->bytes += (uint64_t)got;
	client_take(client, bytes, (size_t)got, load->status);
	if (!load->keep || client->is_closing || !client_is_answered(client))
		return;
	count_answer(load, client);
	if (!may_start(load)) {
		client_close(load, client);
		return;
	}
	load->started++;
	client_ask(load, client);
}

static void
handle_event(struct load *load, struct client *client)
{
	if (client->is_connected)
		handle_bytes(load, client);
	else
		handle_connected(load, client);
}

/* How long to wait for the next event, in ms; 0 where all is to be broken off.
 */
static int
wait_ms(const struct load *load)
{
	double left_ms;

	if (!load->break_off)
		return WAIT_LIMIT_MS;
	left_ms = (load->begin_s + load->seconds - now_s()) * 1000 + 1;
	if (left_ms < 1)
		return 0;
	return left_ms < WAIT_LIMIT_MS ? (int)left_ms : WAIT_LIMIT_MS;
}

static void
load_run(struct load *load)
{
	struct epoll_event events[256];
	int ready, limit_ms;

	load->begin_s = now_s();
	for (unsigned i = 0; i < load->connections; i++) {
		if (!may_start(load))
			break;
		client_open(load, &load->clients[i]);
	}
	while (load->open > 0) {
		limit_ms = wait_ms(load);
		if (limit_ms == 0)
			break;
		ready = epoll_wait(load->epoll_fd, events, 256, limit_ms);
		if (ready == 0 && limit_ms == WAIT_LIMIT_MS) {
			load->failed += load->open;
			break;
		}
		for (int i = 0; i < ready; i++)
			handle_event(load, events[i].data.ptr);
	}
}

static uint64_t
parse_number(const char *text, uint64_t least, uint64_t most)
{
	char *end;
	unsigned long long number;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || number < least ||
	    number > most) {
		fprintf(stderr, "loadgen: not a number from %llu to %llu: %s\n",
		    (unsigned long long)least, (unsigned long long)most, text);
		exit(2);
	}
	return number;
}

static void
options_take(struct load *load, int option)
{
	switch (option) {
	case 'k':
		load->keep = true;
		break;
	case 'x':
		load->break_off = true;
		break;
	case 'c':
		load->connections =
		    (unsigned)parse_number(optarg, 1, MAX_CONNECTIONS);
		break;
	case 'e':
		load->status = (unsigned)parse_number(optarg, 200, 599);
		break;
	case 'H':
		load->field = optarg;
		break;
	case 'n':
		load->requests = parse_number(optarg, 1, UINT64_MAX);
		break;
	case 's':
		load->sources = (unsigned)parse_number(optarg, 1, MAX_SOURCES);
		break;
	case 't':
		load->seconds =
		    (double)parse_number(optarg, 1, MAX_SECONDS * 1000) / 1000;
		break;
	case 'u':
		load->target = optarg;
		break;
	default:
		exit(2);
	}
}

static void
options_parse(struct load *load, int argc, char **argv)
{
	int option;

	for (;;) {
		option = getopt(argc, argv, "kxc:e:H:n:s:t:u:");
		if (option == -1)
			break;
		options_take(load, option);
	}
	if (optind != argc - 1) {
		fprintf(stderr,
		    "usage: loadgen [-kx] [-c connections] [-e status] "
		    "[-H field]\n\t[-n requests] [-s sources] [-t ms] "
		    "[-u target] port\n");
		exit(2);
	}
	load->port = (uint16_t)parse_number(argv[optind], 1, UINT16_MAX);
}

static void
request_write(struct load *load)
{
	int length = snprintf(load->request, sizeof(load->request),
	    "GET %s HTTP/1.1\r\nHost: localhost\r\n%s%s%s\r\n", load->target,
	    load->field == NULL ? "" : load->field,
	    load->field == NULL ? "" : "\r\n",
	    load->keep ? "" : "Connection: close\r\n");

	if (length < 0 || (size_t)length >= sizeof(load->request)) {
		fprintf(stderr, "loadgen: the request is too long\n");
		exit(2);
	}
	load->request_bytes = (size_t)length;
}

int
main(int argc, char **argv)
{
	struct load load = { .connections = 1,
		.target = "/",
		.status = 200,
		.requests = UINT64_MAX,
		.seconds = MAX_SECONDS };
	struct rlimit files;

	options_parse(&load, argc, argv);
	request_write(&load);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	load.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	load.clients = calloc(load.connections, sizeof(*load.clients));
	if (load.epoll_fd < 0 || load.clients == NULL)
		die("start");
	load_run(&load);
	printf("requests %llu failed %llu reconnects %llu seconds %.6f "
	       "bytes %llu\n",
	    (unsigned long long)load.done, (unsigned long long)load.failed,
	    (unsigned long long)load.reconnects, now_s() - load.begin_s,
	    (unsigned long long)load.bytes);
	free(load.clients);
	return EXIT_SUCCESS;
}
