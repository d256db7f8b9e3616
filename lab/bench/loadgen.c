/* SPDX-License-Identifier: MIT */
/*
 * A small load generator: so many requests, or so many seconds of them, over
 * so many connections at a time, to a server on this machine.
 *
 *	loadgen [-k] [-c connections] [-n requests] [-t ms] [-s sources] port
 *
 * Without -k each request has a connection of its own, which the server
 * closes.  With -s the connections come in turn from 127.0.1.1 and up.  It
 * goes to 127.0.0.1 and nowhere else, and always ends: without -t after ten
 * minutes.
 *
 * Prints "requests N failed N reconnects N seconds S".  A request has failed
 * when its answer is not a complete one with status 200.
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
#define CONNECT_LIMIT_S 10

static const char request_close[] = "GET / HTTP/1.1\r\nHost: localhost\r\n"
				    "Connection: close\r\n\r\n";
static const char request_keep[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/* One connection, and how far the answer to its request has come. */
struct client {
	int fd;
	size_t head_bytes;
	uint64_t body_left;
	bool is_head_done;
	bool is_good;
	char head[HEAD_BYTES];
};

/* What was asked for, and what has been done. */
struct load {
	bool keep;
	uint16_t port;
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

/* Connects; on a loopback interface that takes no time worth an event. */
static void
client_open(struct load *load, struct client *client)
{
	struct sockaddr_in server = { .sin_family = AF_INET };
	struct timeval limit = { .tv_sec = CONNECT_LIMIT_S };
	struct epoll_event event = { .events = EPOLLIN };
	int on = 1;

	client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0)
		die("socket");
	(void)setsockopt(client->fd, SOL_SOCKET, SO_SNDTIMEO, &limit,
	    sizeof(limit));
	(void)setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (load->sources > 0)
		bind_source(client->fd,
		    (unsigned)(client - load->clients) % load->sources);
	server.sin_port = htons(load->port);
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(client->fd, (struct sockaddr *)&server, sizeof(server)) < 0)
		die("connect");
	event.data.ptr = client;
	if (epoll_ctl(load->epoll_fd, EPOLL_CTL_ADD, client->fd, &event) < 0)
		die("epoll_ctl");
	load->open++;
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
	const char *request = load->keep ? request_keep : request_close;

	client->head_bytes = 0;
	client->body_left = 0;
	client->is_head_done = false;
	client->is_good = false;
	load->started++;
	/* A server that is gone shows when the answer is read. */
	(void)send(client->fd, request, strlen(request), MSG_NOSIGNAL);
}

/* Reads status and length from a head that is complete. */
static void
client_parse_head(struct client *client)
{
	static const char field[] = "\r\nContent-Length:";
	const char *length;

	client->is_head_done = true;
	client->is_good = client->head_bytes > 12 &&
	    memcmp(client->head, "HTTP/1.", 7) == 0 &&
	    memcmp(client->head + 8, " 200", 4) == 0;
	length = strcasestr(client->head, field);
	if (length == NULL)
		client->is_good = false;
	else
		client->body_left = strtoull(length + strlen(field), NULL, 10);
}

/* Takes bytes into the head; returns how many of them belong to it. */
static size_t
client_take_head(struct client *client, const char *bytes, size_t size)
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
	client_parse_head(client);
	return client->head_bytes - before;
}

static bool
client_is_answered(const struct client *client)
{
	return client->is_head_done && client->body_left == 0;
}

static void
client_take(struct client *client, const char *bytes, size_t size)
{
	size_t used;

	while (size > 0 && !client->is_head_done) {
		used = client_take_head(client, bytes, size);
		bytes += used;
		size -= used;
	}
	if (size > client->body_left)
		client->is_good = false;
	client->body_left -=
	    size < client->body_left ? size : client->body_left;
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
	client_take(client, bytes, (size_t)got);
	if (!load->keep || !client_is_answered(client))
		return;
	count_answer(load, client);
	if (may_start(load))
		client_ask(load, client);
	else
		client_close(load, client);
}

static void
load_run(struct load *load)
{
	struct epoll_event events[256];
	int ready;

	load->begin_s = now_s();
	for (unsigned i = 0; i < load->connections; i++) {
		if (!may_start(load))
			break;
		client_open(load, &load->clients[i]);
		client_ask(load, &load->clients[i]);
	}
	while (load->open > 0) {
		ready = epoll_wait(load->epoll_fd, events, 256, 10000);
		if (ready == 0) {
			load->failed += load->open;
			break;
		}
		for (int i = 0; i < ready; i++)
			handle_bytes(load, events[i].data.ptr);
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
options_parse(struct load *load, int argc, char **argv)
{
	int option;

	for (;;) {
		option = getopt(argc, argv, "kc:n:t:s:");
		if (option == -1)
			break;
		switch (option) {
		case 'k':
			load->keep = true;
			break;
		case 'c':
			load->connections =
			    (unsigned)parse_number(optarg, 1, MAX_CONNECTIONS);
			break;
		case 'n':
			load->requests = parse_number(optarg, 1, UINT64_MAX);
			break;
		case 't':
			load->seconds = (double)parse_number(optarg, 1,
					    MAX_SECONDS * 1000) /
			    1000;
			break;
		case 's':
			load->sources =
			    (unsigned)parse_number(optarg, 1, MAX_SOURCES);
			break;
		default:
			exit(2);
		}
	}
	if (optind != argc - 1) {
		fprintf(stderr,
		    "usage: loadgen [-k] [-c connections] "
		    "[-n requests] [-t ms] [-s sources] port\n");
		exit(2);
	}
	load->port = (uint16_t)parse_number(argv[optind], 1, UINT16_MAX);
}

int
main(int argc, char **argv)
{
	struct load load = { .connections = 1,
		.requests = UINT64_MAX,
		.seconds = MAX_SECONDS };
	struct rlimit files;

	options_parse(&load, argc, argv);
	if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	load.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	load.clients = calloc(load.connections, sizeof(*load.clients));
	if (load.epoll_fd < 0 || load.clients == NULL)
		die("start");
	load_run(&load);
	printf("requests %llu failed %llu reconnects %llu seconds %.6f\n",
	    (unsigned long long)load.done, (unsigned long long)load.failed,
	    (unsigned long long)load.reconnects, now_s() - load.begin_s);
	free(load.clients);
	return EXIT_SUCCESS;
}
