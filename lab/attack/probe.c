/* SPDX-License-Identifier: MIT */
/*
 * Honest clients on a fixed schedule, whatever became of those before: so
 * many requests per second, each on a connection of its own, each with a
 * limit.  A request that is late is as bad as one that is refused, and none
 * is left out because an earlier one has not ended.
 *
 *	probe [-r per second] [-t ms] [-s source] [-l limit ms] port
 *
 * Prints a line for each as it ends: when it was due (on the monotonic clock)
 * and how long it took, both in ms, and "ok" (200, complete), "status N",
 * "cut" or "late".  When the input ends the schedule ends too, or else after
 * -t.
 */
#include <sys/epoll.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "side.h"

#define MAX_RATE 1000
#define MAX_MS 600000
#define MAX_LIMIT_MS 10000
#define MAX_OPEN (MAX_RATE * MAX_LIMIT_MS / 1000 + 1)
#define HEAD_BYTES 2048
#define EVENTS 64

static const char request[] = "GET / HTTP/1.0\r\nHost: localhost\r\n\r\n";

/* One request; those open at a time are neighbours in a ring. */
struct client {
	int fd;
	double due_ms;
	size_t got_bytes;
	bool is_sent;
	bool is_open;
	char head[HEAD_BYTES];
};

struct probe {
	struct side_sources sources;
	uint16_t port;
	double rate;
	double limit_ms;
	double end_ms;
	double begin_ms;
	int epoll_fd;
	uint64_t begun;
	/* The oldest that may still be open. */
	uint64_t oldest;
	struct client *ring;
};

static struct client *
client_of(const struct probe *probe, uint64_t number)
{
	return &probe->ring[number % MAX_OPEN];
}

static void
client_end(const struct probe *probe, struct client *client,
    const char *outcome)
{
	printf("%.1f %.2f %s\n", client->due_ms, side_now_ms() - client->due_ms,
	    outcome);
	if (client->fd >= 0)
		(void)close(client->fd);
	client->is_open = false;
}

/* Says what the answer was, now that it is all there is. */
static void
client_judge(const struct probe *probe, struct client *client)
{
	static const char field[] = "\r\nContent-Length:";
	char outcome[] = "status 000";
	const char *length, *body;

	client->head[client->got_bytes] = '\0';
	body = strstr(client->head, "\r\n\r\n");
	length = strcasestr(client->head, field);
	if (body == NULL || strncmp(client->head, "HTTP/1.", 7) != 0) {
		client_end(probe, client, "cut");
	} else if (strncmp(client->head + 8, " 200", 4) != 0) {
		memcpy(outcome + 7, client->head + 9, 3);
		client_end(probe, client, outcome);
	} else if (length == NULL || length > body ||
	    client->got_bytes - (size_t)(body + 4 - client->head) !=
		strtoull(length + strlen(field), NULL, 10)) {
		client_end(probe, client, "cut");
	} else {
		client_end(probe, client, "ok");
	}
}

static void
client_begin(struct probe *probe, double due_ms)
{
	struct client *client = client_of(probe, probe->begun);
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT };

	*client = (struct client){ .due_ms = due_ms, .is_open = true };
	client->fd =
	    side_connect(&probe->sources, probe->begun++, probe->port, 0);
	event.data.ptr = client;
	if (client->fd < 0 ||
	    epoll_ctl(probe->epoll_fd, EPOLL_CTL_ADD, client->fd, &event) < 0)
		client_end(probe, client, "cut");
}

static void
client_send(const struct probe *probe, struct client *client)
{
	struct epoll_event event = { .events = EPOLLIN };

	event.data.ptr = client;
	client->is_sent = true;
	(void)send(client->fd, request, strlen(request), MSG_NOSIGNAL);
	(void)epoll_ctl(probe->epoll_fd, EPOLL_CTL_MOD, client->fd, &event);
}

static void
client_event(const struct probe *probe, struct client *client, uint32_t events)
{
	size_t room = HEAD_BYTES - 1 - client->got_bytes;
	ssize_t got;

	if (!client->is_open)
		return;
	if (!client->is_sent && (events & EPOLLOUT) != 0)
		client_send(probe, client);
	if ((events & ~(uint32_t)EPOLLOUT) == 0)
		return;
	got = recv(client->fd, client->head + client->got_bytes, room,
	    MSG_DONTWAIT);
	if (got > 0)
		client->got_bytes += (size_t)got;
	else if (got == 0)
		client_judge(probe, client);
	else if (errno != EAGAIN)
		client_end(probe, client, "cut");
}

/* Ends those whose time is over; returns when the next one's will be. */
static double
end_late(struct probe *probe, double now_ms)
{
	struct client *client;

	for (; probe->oldest < probe->begun; probe->oldest++) {
		client = client_of(probe, probe->oldest);
		if (!client->is_open)
			continue;
		if (client->due_ms + probe->limit_ms > now_ms)
			return client->due_ms + probe->limit_ms;
		client_end(probe, client, "late");
	}
	return now_ms + probe->limit_ms;
}

static bool
input_has_ended(void)
{
	char byte;

	return read(STDIN_FILENO, &byte, 1) == 0;
}

/* Waits for what comes next, and handles it. */
static void
wait_until(struct probe *probe, double until_ms)
{
	struct epoll_event events[EVENTS];
	double left_ms = until_ms - side_now_ms();
	struct timespec left = { 0 };
	int ready;

	if (left_ms > 0) {
		left.tv_sec = (time_t)(left_ms / 1000);
		left.tv_nsec =
		    (long)((left_ms - (double)left.tv_sec * 1000) * 1e6);
	}
	ready = epoll_pwait2(probe->epoll_fd, events, EVENTS, &left, NULL);
	for (int i = 0; i < ready; i++) {
		if (events[i].data.ptr != NULL)
			client_event(probe, events[i].data.ptr,
			    events[i].events);
		else if (input_has_ended())
			probe->end_ms = 0;
	}
	(void)fflush(stdout);
}

static void
probe_run(struct probe *probe)
{
	double now_ms, due_ms, late_ms;
	bool is_over;

	probe->begin_ms = side_now_ms();
	for (;;) {
		now_ms = side_now_ms();
		due_ms =
		    probe->begin_ms + (double)probe->begun * 1000 / probe->rate;
		is_over = due_ms - probe->begin_ms >= probe->end_ms;
		if (!is_over && due_ms <= now_ms)
			client_begin(probe, due_ms);
		late_ms = end_late(probe, now_ms);
		if (is_over && probe->oldest == probe->begun)
			return;
		wait_until(probe,
		    is_over || late_ms < due_ms ? late_ms : due_ms);
	}
}

static void
options_parse(struct probe *probe, int argc, char **argv)
{
	int option;

	for (;;) {
		option = getopt(argc, argv, "r:t:s:l:");
		if (option == -1)
			break;
		if (option == 'r')
			probe->rate = (double)side_number(optarg, 1, MAX_RATE);
		else if (option == 't')
			probe->end_ms = (double)side_number(optarg, 1, MAX_MS);
		else if (option == 's')
			probe->sources = side_sources(optarg);
		else if (option == 'l')
			probe->limit_ms =
			    (double)side_number(optarg, 1, MAX_LIMIT_MS);
		else
			exit(2);
	}
	if (optind != argc - 1) {
		fputs("usage: probe [-r per second] [-t ms] [-s source] "
		      "[-l limit ms] port\n",
		    stderr);
		exit(2);
	}
	probe->port = (uint16_t)side_number(argv[optind], 1, UINT16_MAX);
}

int
main(int argc, char **argv)
{
	struct probe probe = { .rate = 20, .limit_ms = 2000, .end_ms = MAX_MS };
	struct epoll_event input = { .events = EPOLLIN };

	probe.sources = side_sources("127.0.9.1");
	options_parse(&probe, argc, argv);
	side_raise_descriptor_limit();
	probe.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	probe.ring = calloc(MAX_OPEN, sizeof(*probe.ring));
	if (probe.epoll_fd < 0 || probe.ring == NULL)
		side_die("start");
	/* A file, or /dev/null, cannot be waited for: then only -t ends it. */
	(void)epoll_ctl(probe.epoll_fd, EPOLL_CTL_ADD, STDIN_FILENO, &input);
	probe_run(&probe);
	free(probe.ring);
	return EXIT_SUCCESS;
}
