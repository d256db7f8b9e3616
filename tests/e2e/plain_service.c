/* SPDX-License-Identifier: MIT */
/*
 * A service that knows nothing of deadlines: for the tests of those that the
 * library keeps from outside.
 *
 *	plain_service MANNER BOUND=NUMBER...
 *
 * What a child does is its manner; the bounds are named as in the options.
 * With a bound for the first byte the client is to speak first.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <tcpserver.h>
#include <time.h>
#include <unistd.h>

#define BYTES 65536

/* Greets, then listens for ever. */
static void
listen_on(int fd)
{
	char bytes[BYTES];

	(void)dprintf(fd, "hello\n");
	while (recv(fd, bytes, sizeof(bytes), 0) > 0)
		continue;
}

/* Listens without a word. */
static void
keep_mute(int fd)
{
	char bytes[BYTES];

	while (recv(fd, bytes, sizeof(bytes), 0) > 0)
		continue;
}

/* Talks for ever. */
static void
talk_on(int fd)
{
	static const char bytes[BYTES];

	while (send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL) > 0)
		continue;
}

static void
stop(int fd)
{
	(void)raise(SIGSTOP);
}

/* Turns in circles, deaf to all that can be blocked. */
static void
loop(int fd)
{
	sigset_t all;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	for (;;)
		continue;
}

/* Takes a request, and never answers. */
static void
ponder(int fd)
{
	char bytes[BYTES];

	(void)recv(fd, bytes, sizeof(bytes), 0);
	for (;;)
		(void)pause();
}

static double
processor_seconds(void)
{
	struct timespec used = { .tv_sec = 0 };

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
	return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

/* Talks for ever, and works for half of what its client earns by listening:
 * 64 MiB are worth a second. */
static void
toil(int fd)
{
	static const char bytes[BYTES];
	double end = processor_seconds();

	while (send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL) > 0) {
		end += 0.5 * BYTES / (64 << 20);
		while (processor_seconds() < end)
			continue;
	}
}

static const struct manner {
	const char *name;
	void (*serve)(int fd);
} manners[] = {
	{ "listening", listen_on },
	{ "mute", keep_mute },
	{ "talking", talk_on },
	{ "stopped", stop },
	{ "looping", loop },
	{ "pondering", ponder },
	{ "toiling", toil },
};

static enum tcpserver_verdict
serve(const struct tcpserver_client *client, void *arg)
{
	const struct manner *manner = arg;

	manner->serve(client->fd);
	return TCPSERVER_CLOSE;
}

static const struct manner *
find_manner(const char *name)
{
	for (size_t i = 0; i < sizeof(manners) / sizeof(manners[0]); i++)
		if (strcmp(manners[i].name, name) == 0)
			return &manners[i];
	exit(2);
}

static void
take_bound(struct tcpserver_options *options, const char *word)
{
	const struct {
		const char *name;
		uint32_t *bound;
	} bounds[] = {
		{ "first_byte_ms", &options->first_byte_ms },
		{ "idle_ms", &options->idle_ms },
		{ "least_rate_bytes_per_s", &options->least_rate_bytes_per_s },
		{ "lifetime_ms", &options->lifetime_ms },
		{ "cpu_s", &options->jail.cpu_s },
	};
	size_t length = strcspn(word, "=");

	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		if (strlen(bounds[i].name) != length ||
		    strncmp(word, bounds[i].name, length) != 0)
			continue;
		*bounds[i].bound =
		    (uint32_t)strtoul(word + length + 1, NULL, 10);
		return;
	}
	exit(2);
}

int
main(int argc, char **argv)
{
	/* What raise(3) calls, and pause(2). */
	static const char *const calls[] = { "gettid", "tgkill", "pause",
		NULL };
	struct tcpserver_options options = {
		.size = sizeof(options),
		.jail.calls = calls,
	};
	struct tcpserver *server;
	struct manner manner;

	if (argc < 2)
		return 2;
	manner = *find_manner(argv[1]);
	for (int i = 2; i < argc; i++)
		take_bound(&options, argv[i]);
	options.client_speaks_first = options.first_byte_ms != 0;
	if (tcpserver_new(&server, &options) < 0 ||
	    tcpserver_listen(server, "127.0.0.1:0") < 0)
		return 1;
	puts(tcpserver_address(server, 0));
	(void)fflush(stdout);
	return tcpserver_run(server, serve, &manner) < 0;
}
