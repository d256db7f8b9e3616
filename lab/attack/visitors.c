/* SPDX-License-Identifier: MIT */
/*
 * Visitors: new keep-alive clients at a fixed rate, each from an address of its
 * own.  Each asks a few requests with a pause between them and stays connected
 * until the end, as browsers do.
 *
 *	visitors [-r per second] [-t ms] [-n requests] [-p pause ms]
 *	    [-w networks] [-l limit ms] port
 *
 * Addresses are spread over so many /16 networks from 127.30.0.0/16 on; with
 * one, over its /24s.  Goes to 127.0.0.1 and nowhere else, and always ends.
 * Prints at the end:
 *
 *	visitors N served N refused N reset N late N closed N p50 MS p99 MS max
 *MS
 *
 * Served are those whose every request was answered by a 200; refused, by
 * something else; reset, cut before an answer; late, not answered within the
 * limit; closed, whose connection the server has closed after the last answer.
 * The times are from the first attempt to connect to the first answer.
 */
#include <sys/epoll.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "side.h"

#define MAX_RATE 10000
#define MAX_MS 60000
#define MAX_REQUESTS 100
#define MAX_NETWORKS 200
#define FIRST_ADDRESS UINT32_C(0x7f1e0001)
#define NETWORK_STEP UINT32_C(0x10000)
#define EVENTS 512
#define TURN_MS 1

static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
static const char good[] = "HTTP/1.1 200";
static const char length_field[] = "Content-Length: ";

enum stage {
	AWAY,
	CONNECTS,
	AWAITS_ANSWER,
	PAUSES,
	STAYS,
};

struct visitor {
	enum stage stage;
	int fd;
	unsigned asked;
	double began_ms;
	/* The first answer took so long; 0: there was none. */
	double took_ms;
	double next_ms;
	/* What is still to come of the answer. */
	size_t left_bytes;
};

struct town {
	uint16_t port;
	double per_ms;
	double duration_ms;
	unsigned requests;
	double pause_ms;
	unsigned networks;
	double limit_ms;
	int epoll_fd;
	struct visitor *visitors;
	uint64_t most;
	uint64_t begun;
	uint64_t served, refused, reset, late, closed;
};

/* Visitor `n` is the n / networks'th of its network. */
static struct side_sources
address_of(const struct town *town, uint64_t n)
{
	uint32_t network = (uint32_t)(n % town->networks);
	uint32_t host = (uint32_t)(n / town->networks);

	return (struct side_sources){
		.first = FIRST_ADDRESS + network * NETWORK_STEP + host,
		.count = 1,
		.step = 1,
	};
}

static void
leave(struct visitor *visitor)
{
	(void)close(visitor->fd);
	visitor->stage = AWAY;
}

static void
watch(struct town *town, struct visitor *visitor, int operation,
    uint32_t events)
{
	struct epoll_event event = { .events = events };

	event.data.ptr = visitor;
	if (epoll_ctl(town->epoll_fd, operation, visitor->fd, &event) < 0)
		side_die("epoll_ctl");
}

static void
begin(struct town *town, double now_ms)
{
	struct visitor *visitor = &town->visitors[town->begun];
	struct side_sources source = address_of(town, town->begun++);

	visitor->began_ms = now_ms;
	visitor->fd = side_connect(&source, 0, town->port, 0);
	if (visitor->fd < 0) {
		town->reset++;
		return;
	}
	visitor->stage = CONNECTS;
	watch(town, visitor, EPOLL_CTL_ADD, EPOLLOUT);
}

static void
ask(struct town *town, struct visitor *visitor)
{
	visitor->asked++;
	visitor->left_bytes = 0;
	visitor->stage = AWAITS_ANSWER;
	if (send(visitor->fd, request, strlen(request), MSG_NOSIGNAL) < 0) {
		town->reset++;
		leave(visitor);
	}
}

/* The bytes of an answer whose head is whole; 0 where it cannot be read. */
static size_t
answer_bytes(const char *bytes)
{
	const char *end = strstr(bytes, "\r\n\r\n");
	const char *length = strstr(bytes, length_field);

	if (end == NULL || length == NULL || length > end)
		return 0;
	return (size_t)(end + 4 - bytes) +
	    strtoul(length + strlen(length_field), NULL, 10);
}

/* An answer is there. */
static void
answered(struct town *town, struct visitor *visitor, double now_ms)
{
	if (visitor->asked == 1)
		visitor->took_ms = now_ms - visitor->began_ms;
	visitor->next_ms = now_ms + town->pause_ms;
	visitor->stage = PAUSES;
	if (visitor->asked < town->requests)
		return;
	town->served++;
	visitor->stage = STAYS;
}

static void
take_bytes(struct town *town, struct visitor *visitor, char *bytes, size_t n,
    double now_ms)
{
	if (visitor->left_bytes == 0) {
		bytes[n] = '\0';
		if (strncmp(bytes, good, strlen(good)) != 0) {
			town->refused++;
			leave(visitor);
			return;
		}
		visitor->left_bytes = answer_bytes(bytes);
	}
	if (n < visitor->left_bytes)
		visitor->left_bytes -= n;
	else
		answered(town, visitor, now_ms);
}

static void
hear(struct town *town, struct visitor *visitor, double now_ms)
{
	char bytes[8192];
	ssize_t n = recv(visitor->fd, bytes, sizeof(bytes) - 1, 0);

	if (n > 0 && visitor->stage == AWAITS_ANSWER) {
		take_bytes(town, visitor, bytes, (size_t)n, now_ms);
		return;
	}
	if (visitor->stage == STAYS)
		town->closed++;
	else
		town->reset++;
	leave(visitor);
}

static void
handle(struct town *town, struct visitor *visitor, uint32_t events,
    double now_ms)
{
	if (visitor->stage == AWAY)
		return;
	if (visitor->stage != CONNECTS) {
		hear(town, visitor, now_ms);
	} else if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
		town->reset++;
		leave(visitor);
	} else {
		watch(town, visitor, EPOLL_CTL_MOD, EPOLLIN | EPOLLRDHUP);
		ask(town, visitor);
	}
}

static void
take_turns(struct town *town, double now_ms)
{
	for (uint64_t i = 0; i < town->begun; i++) {
		struct visitor *visitor = &town->visitors[i];

		if (visitor->stage == PAUSES && visitor->next_ms <= now_ms)
			ask(town, visitor);
	}
}

static bool
is_busy(const struct town *town)
{
	for (uint64_t i = 0; i < town->begun; i++)
		if (town->visitors[i].stage != AWAY &&
		    town->visitors[i].stage != STAYS)
			return true;
	return town->begun < town->most;
}

static void
run(struct town *town)
{
	struct epoll_event events[EVENTS];
	double start_ms = side_now_ms(), now_ms = start_ms;
	double end_ms = start_ms + town->duration_ms + town->limit_ms;
	double look_ms = start_ms;
	int ready;

	while (now_ms < end_ms) {
		while (town->begun < town->most &&
		    (double)town->begun < (now_ms - start_ms) * town->per_ms)
			begin(town, now_ms);
		if (now_ms >= look_ms) {
			take_turns(town, now_ms);
			look_ms = now_ms + 10 * TURN_MS;
			if (!is_busy(town))
				break;
		}
		ready = epoll_wait(town->epoll_fd, events, EVENTS, TURN_MS);
		now_ms = side_now_ms();
		for (int i = 0; i < ready; i++)
			handle(town, events[i].data.ptr, events[i].events,
			    now_ms);
	}
	for (uint64_t i = 0; i < town->begun; i++)
		town->late += town->visitors[i].stage != AWAY &&
		    town->visitors[i].stage != STAYS;
}

static int
by_time(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void
report(const struct town *town)
{
	double *times = calloc(town->begun + 1, sizeof(*times));
	uint64_t n = 0;

	if (times == NULL)
		side_die("report");
	for (uint64_t i = 0; i < town->begun; i++)
		if (town->visitors[i].took_ms > 0)
			times[n++] = town->visitors[i].took_ms;
	qsort(times, n, sizeof(*times), by_time);
	printf("visitors %llu served %llu refused %llu reset %llu late %llu "
	       "closed %llu p50 %.1f p99 %.1f max %.1f\n",
	    (unsigned long long)town->begun, (unsigned long long)town->served,
	    (unsigned long long)town->refused, (unsigned long long)town->reset,
	    (unsigned long long)town->late, (unsigned long long)town->closed,
	    times[n / 2], times[n * 99 / 100], times[n > 0 ? n - 1 : 0]);
	free(times);
}

static void
parse_options(struct town *town, int argc, char **argv)
{
	int option;

	while ((option = getopt(argc, argv, "r:t:n:p:w:l:")) != -1) {
		if (option == 'r')
			town->per_ms =
			    (double)side_number(optarg, 1, MAX_RATE) / 1000;
		else if (option == 't')
			town->duration_ms =
			    (double)side_number(optarg, 1, MAX_MS);
		else if (option == 'n')
			town->requests =
			    (unsigned)side_number(optarg, 1, MAX_REQUESTS);
		else if (option == 'p')
			town->pause_ms = (double)side_number(optarg, 0, MAX_MS);
		else if (option == 'w')
			town->networks =
			    (unsigned)side_number(optarg, 1, MAX_NETWORKS);
		else if (option == 'l')
			town->limit_ms = (double)side_number(optarg, 1, MAX_MS);
		else
			exit(2);
	}
	if (optind != argc - 1) {
		fputs("usage: visitors [-r per second] [-t ms] [-n requests] "
		      "[-p pause ms] [-w networks] [-l limit ms] port\n",
		    stderr);
		exit(2);
	}
	town->port = (uint16_t)side_number(argv[optind], 1, UINT16_MAX);
	town->most = (uint64_t)(town->per_ms * town->duration_ms);
}

int
main(int argc, char **argv)
{
	struct town town = {
		.per_ms = 1.0,
		.duration_ms = 10000,
		.requests = 3,
		.pause_ms = 100,
		.networks = 200,
		.limit_ms = 10000,
	};

	parse_options(&town, argc, argv);
	side_raise_descriptor_limit();
	town.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	town.visitors = calloc(town.most + 1, sizeof(*town.visitors));
	if (town.epoll_fd < 0 || town.visitors == NULL)
		side_die("start");
	run(&town);
	report(&town);
	free(town.visitors);
	return EXIT_SUCCESS;
}
