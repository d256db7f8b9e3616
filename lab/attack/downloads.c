/* SPDX-License-Identifier: MIT */
/*
 * Honest clients that download: each asks for a part of /large, reads it at a
 * steady rate, pauses, and asks again.  After a failure it tries again in two
 * to four seconds.
 *
 *	downloads [-n clients] [-g clients] [-s sources] [-r bytes per second]
 *	    [-b least,most bytes] [-p pause ms] [-i ms] [-t ms] port
 *
 * With -g so many clients share an address, and ask for neighbouring parts.
 * The clients begin at random within the first -i ms.  With a pause of 0 each
 * asks once.  Connects only to the loopback address, and always ends.  Prints
 * at the end:
 *
 *	asked N served N done N refused N reset N cut N open N behind N bytes N
 *
 * Served are the answers of 200 or 206 that have begun; refused, other answers;
 * reset, connections that ended before an answer; cut, answers that ended too
 * early, although their client took all that came.  Open are the answers that
 * still go on at the end; behind, those of them that have moved less than half
 * of what the rate allows.
 */
#include <sys/socket.h>

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "side.h"

#define MAX_CLIENTS 16000
#define MAX_RATE 100000000
#define MAX_BYTES (100 << 20)
#define MAX_MS 600000
#define TURN_MS 50
/* The receive buffer holds what is read in so many turns. */
#define BUFFER_TURNS 4
#define LEAST_BUFFER 8192
#define RETRY_LEAST_MS 2000
#define RETRY_MOST_MS 4000
#define NEVER_MS 1e18
#define REQUEST_SIZE 160
#define HEAD_SIZE 1024
#define BLOCK_BYTES 65536

enum stage {
	/* Asks at next_ms. */
	PAUSES,
	CONNECTS,
	AWAITS_ANSWER,
	READS,
};

struct client {
	enum stage stage;
	int fd;
	double next_ms;
	/* When the answer began. */
	double began_ms;
	uint64_t wanted_bytes;
	uint64_t got_bytes;
	size_t head_bytes;
	char head[HEAD_SIZE];
};

struct downloads {
	struct side_sources sources;
	uint16_t port;
	unsigned clients;
	unsigned of_source;
	double rate;
	double least_bytes, most_bytes;
	double pause_ms;
	double begin_ms;
	double limit_ms;
	struct client *all;
	unsigned long long asked, served, done, refused, reset, cut, bytes;
};

static double
random_between(double least, double most)
{
	return least + (most - least) * (double)random() / (double)RAND_MAX;
}

/* As many small ones as large ones, on a scale of ratios. */
static uint64_t
random_size(const struct downloads *d)
{
	return (uint64_t)exp(
	    random_between(log(d->least_bytes), log(d->most_bytes)));
}

static void
client_leave(struct client *client, double next_ms)
{
	if (client->stage != PAUSES)
		(void)close(client->fd);
	client->stage = PAUSES;
	client->next_ms = next_ms;
}

/* Counts a failure of its kind; the client asks again later. */
static void
client_fail(struct client *client, unsigned long long *kind, double now_ms)
{
	(*kind)++;
	client_leave(client,
	    now_ms + random_between(RETRY_LEAST_MS, RETRY_MOST_MS));
}

static void
client_finish(struct downloads *d, struct client *client, double now_ms)
{
	double pause_ms = d->pause_ms * -log(random_between(1e-6, 1));

	d->done++;
	client_leave(client, d->pause_ms > 0 ? now_ms + pause_ms : NEVER_MS);
}

static void
client_connect(struct downloads *d, struct client *client, double now_ms)
{
	unsigned number = (unsigned)(client - d->all);
	int buffer = (int)(d->rate * TURN_MS / 1000 * BUFFER_TURNS);

	d->asked++;
	client->fd = side_connect(&d->sources, number / d->of_source, d->port,
	    buffer > LEAST_BUFFER ? buffer : LEAST_BUFFER);
	if (client->fd < 0) {
		client_fail(client, &d->reset, now_ms);
		return;
	}
	client->wanted_bytes = random_size(d);
	client->got_bytes = 0;
	client->head_bytes = 0;
	client->stage = CONNECTS;
}

/* Sends the request, as soon as the connection is there. */
static void
client_ask(struct downloads *d, struct client *client, double now_ms)
{
	unsigned number = (unsigned)(client - d->all) % d->of_source;
	unsigned long long first =
	    (unsigned long long)number * (unsigned long long)d->most_bytes;
	char request[REQUEST_SIZE];
	int size;

	first %= MAX_BYTES - (unsigned long long)d->most_bytes + 1;
	size = snprintf(request, sizeof(request),
	    "GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
	    "Range: bytes=%llu-%llu\r\n\r\n",
	    first, first + client->wanted_bytes - 1);
	if (send(client->fd, request, (size_t)size, MSG_NOSIGNAL) > 0)
		client->stage = AWAITS_ANSWER;
	else if (errno != EAGAIN)
		client_fail(client, &d->reset, now_ms);
}

/* The connection has ended, in order or not. */
static void
client_ended(struct downloads *d, struct client *client, double now_ms)
{
	client_fail(client, client->stage == READS ? &d->cut : &d->reset,
	    now_ms);
}

static bool
is_good(const char *head)
{
	return strncmp(head, "HTTP/1.1 20", 11) == 0 &&
	    (head[11] == '0' || head[11] == '6');
}

static void
client_read_head(struct downloads *d, struct client *client, double now_ms)
{
	size_t room = HEAD_SIZE - 1 - client->head_bytes;
	const char *end;
	ssize_t n;

	n = recv(client->fd, client->head + client->head_bytes, room,
	    MSG_DONTWAIT);
	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0) {
		client_ended(d, client, now_ms);
		return;
	}
	client->head_bytes += (size_t)n;
	client->head[client->head_bytes] = '\0';
	end = strstr(client->head, "\r\n\r\n");
	if (end == NULL)
		return;
	if (!is_good(client->head)) {
		client_fail(client, &d->refused, now_ms);
		return;
	}
	d->served++;
	client->got_bytes =
	    client->head_bytes - (size_t)(end + 4 - client->head);
	client->began_ms = now_ms;
	client->stage = READS;
}

static double
allowed_bytes(const struct downloads *d, const struct client *client,
    double now_ms)
{
	return (now_ms - client->began_ms) * d->rate / 1000;
}

/* Reads as much as the rate allows. */
static void
client_read(struct downloads *d, struct client *client, double now_ms)
{
	static char block[BLOCK_BYTES];
	double most = allowed_bytes(d, client, now_ms);
	ssize_t n;

	while ((double)client->got_bytes < most) {
		n = recv(client->fd, block, sizeof(block), MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			client_ended(d, client, now_ms);
			return;
		}
		client->got_bytes += (uint64_t)n;
		d->bytes += (unsigned long long)n;
		if (client->got_bytes >= client->wanted_bytes) {
			client_finish(d, client, now_ms);
			return;
		}
	}
}

static void
client_turn(struct downloads *d, struct client *client, double now_ms)
{
	if (client->stage == PAUSES && client->next_ms <= now_ms)
		client_connect(d, client, now_ms);
	if (client->stage == CONNECTS)
		client_ask(d, client, now_ms);
	if (client->stage == AWAITS_ANSWER)
		client_read_head(d, client, now_ms);
	if (client->stage == READS)
		client_read(d, client, now_ms);
}

static bool
are_all_through(const struct downloads *d)
{
	for (unsigned i = 0; i < d->clients; i++)
		if (d->all[i].stage != PAUSES || d->all[i].next_ms < NEVER_MS)
			return false;
	return true;
}

static double
downloads_run(struct downloads *d)
{
	double start_ms = side_now_ms(), now_ms = start_ms;

	for (unsigned i = 0; i < d->clients; i++)
		d->all[i].next_ms = start_ms + random_between(0, d->begin_ms);
	while (now_ms - start_ms < d->limit_ms && !are_all_through(d)) {
		for (unsigned i = 0; i < d->clients; i++)
			client_turn(d, &d->all[i], now_ms);
		(void)poll(NULL, 0, TURN_MS);
		now_ms = side_now_ms();
	}
	return now_ms;
}

static void
report(const struct downloads *d, double now_ms)
{
	unsigned open = 0, behind = 0;

	for (unsigned i = 0; i < d->clients; i++) {
		const struct client *client = &d->all[i];

		if (client->stage != READS)
			continue;
		open++;
		if ((double)client->got_bytes <
		    allowed_bytes(d, client, now_ms) / 2)
			behind++;
	}
	printf("asked %llu served %llu done %llu refused %llu reset %llu "
	       "cut %llu open %u behind %u bytes %llu\n",
	    d->asked, d->served, d->done, d->refused, d->reset, d->cut, open,
	    behind, d->bytes);
}

static void
parse_sizes(struct downloads *d, char *text)
{
	char *most = strchr(text, ',');

	if (most != NULL)
		*most++ = '\0';
	d->least_bytes = (double)side_number(text, 1, MAX_BYTES);
	d->most_bytes = most == NULL
	    ? d->least_bytes
	    : (double)side_number(most, (uint64_t)d->least_bytes, MAX_BYTES);
}

static void
parse_option(struct downloads *d, int option)
{
	switch (option) {
	case 'n':
		d->clients = (unsigned)side_number(optarg, 1, MAX_CLIENTS);
		break;
	case 'g':
		d->of_source = (unsigned)side_number(optarg, 1, MAX_CLIENTS);
		break;
	case 's':
		d->sources = side_sources(optarg);
		break;
	case 'r':
		d->rate = (double)side_number(optarg, 1, MAX_RATE);
		break;
	case 'b':
		parse_sizes(d, optarg);
		break;
	case 'p':
		d->pause_ms = (double)side_number(optarg, 0, MAX_MS);
		break;
	case 'i':
		d->begin_ms = (double)side_number(optarg, 0, MAX_MS);
		break;
	case 't':
		d->limit_ms = (double)side_number(optarg, 1, MAX_MS);
		break;
	default:
		exit(2);
	}
}

static void
parse_options(struct downloads *d, int argc, char **argv)
{
	int option;

	for (;;) {
		option = getopt(argc, argv, "n:g:s:r:b:p:i:t:");
		if (option == -1)
			break;
		parse_option(d, option);
	}
	if (optind != argc - 1) {
		fputs("usage: downloads [-n clients] [-g clients] [-s sources] "
		      "[-r bytes per second]\n\t[-b least,most bytes] "
		      "[-p pause ms] [-i ms] [-t ms] port\n",
		    stderr);
		exit(2);
	}
	d->port = (uint16_t)side_number(argv[optind], 1, UINT16_MAX);
}

int
main(int argc, char **argv)
{
	static struct downloads d = {
		.clients = 6,
		.of_source = 1,
		.rate = 20000,
		.least_bytes = MAX_BYTES,
		.most_bytes = MAX_BYTES,
		.begin_ms = 500,
		.limit_ms = 10000,
	};

	d.sources = side_sources("127.0.10.1");
	parse_options(&d, argc, argv);
	side_raise_descriptor_limit();
	srandom(1);
	d.all = calloc(d.clients, sizeof(*d.all));
	if (d.all == NULL)
		side_die("start");
	report(&d, downloads_run(&d));
	free(d.all);
	return EXIT_SUCCESS;
}
