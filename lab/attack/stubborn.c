/* SPDX-License-Identifier: MIT */
/*
 * A service whose children listen to nobody, or only to their clients: for
 * what the library does to them from outside, and what that costs.
 *
 *	stubborn MANNER PORT NAME=NUMBER...
 *
 * Listens on 127.0.0.1.  The names are those of bounds in the options.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <tcpserver.h>
#include <unistd.h>

#define WORD_SIZE 32

/* Greets, and hears all that comes. */
static void
listen_on(int fd)
{
	char bytes[256];

	(void)dprintf(fd, "hello\n");
	while (recv(fd, bytes, sizeof(bytes), 0) > 0)
		continue;
}

static void
stop(int fd)
{
	for (;;)
		(void)raise(SIGSTOP);
}

static void
block_all(void)
{
	sigset_t all;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
}

/* Hears neither its client nor any signal that can be blocked. */
static void
be_deaf(int fd)
{
	block_all();
	for (;;)
		(void)pause();
}

static void
loop(int fd)
{
	block_all();
	for (;;)
		continue;
}

static const struct manner {
	const char *name;
	void (*serve)(int fd);
} manners[] = {
	{ "listening", listen_on },
	{ "stopped", stop },
	{ "deaf", be_deaf },
	{ "looping", loop },
};

static _Noreturn void
refuse(const char *what, const char *word)
{
	fprintf(stderr, "stubborn: %s: %s\n", what, word);
	exit(2);
}

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
	refuse("no such manner", name);
}

static void
take_bound(struct tcpserver_options *options, const char *word)
{
	const struct {
		const char *name;
		uint32_t *bound;
	} bounds[] = {
		{ "drain_ms", &options->drain_ms },
		{ "idle_ms", &options->idle_ms },
		{ "lifetime_ms", &options->lifetime_ms },
		{ "max_children", &options->max_children },
		{ "max_children_per_source",
		    &options->max_children_per_source },
	};
	char name[WORD_SIZE];
	uint32_t number;

	if (sscanf(word, "%31[a-z_]=%u", name, &number) != 2)
		refuse("not NAME=NUMBER", word);
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++)
		if (strcmp(bounds[i].name, name) == 0) {
			*bounds[i].bound = number;
			return;
		}
	refuse("no such bound", name);
}

int
main(int argc, char **argv)
{
	/* What it takes to be stopped, or to wait, in the jail. */
	static const char *const calls[] = { "pause", "tgkill", NULL };
	struct tcpserver_options options = {
		.size = sizeof(options),
		.name = "stubborn",
		.jail.calls = calls,
	};
	struct tcpserver *server;
	struct manner manner;
	char address[WORD_SIZE];

	if (argc < 3)
		refuse("usage", "stubborn MANNER PORT NAME=NUMBER...");
	manner = *find_manner(argv[1]);
	(void)snprintf(address, sizeof(address), "127.0.0.1:%s", argv[2]);
	for (int i = 3; i < argc; i++)
		take_bound(&options, argv[i]);
	if (tcpserver_new(&server, &options) < 0)
		refuse("no server", argv[2]);
	if (tcpserver_listen(server, address) < 0 ||
	    tcpserver_run(server, serve, &manner) < 0)
		refuse("not run", tcpserver_errmsg(server));
	tcpserver_free(server);
	return EXIT_SUCCESS;
}
