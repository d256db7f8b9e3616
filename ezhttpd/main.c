/* SPDX-License-Identifier: MIT */
/* ezhttpd: a web server for files, in which each client has its own process. */
#include "announce.h"
#include "mime.h"
#include "options.h"
#include "resource.h"
#include "response.h"
#include "session.h"

#include <tcpserver.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MIME_FILE "/etc/mime.types"
/* The longest URL of a listener: a path of a unix socket, and words. */
#define URL_BYTES 512

static _Noreturn void
fail(const char *what, const char *why)
{
	fprintf(stderr, "ezhttpd: %s: %s\n", what, why);
	exit(EXIT_FAILURE);
}

/*
 * The folder to serve, as a root from which only what is beneath is opened.
 * It does not take a place among 0 to 2, if one is free: those are for stdio.
 */
static int
open_root(const char *folder)
{
	int opened = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd;

	if (opened < 0 || faccessat(opened, ".", R_OK | X_OK, AT_EACCESS) < 0)
		fail(folder, strerror(errno));
	fd = fcntl(opened, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (fd < 0)
		fail(folder, strerror(errno));
	(void)close(opened);
	return fd;
}

static void
load_types(struct mime *ret_mime)
{
	int r = mime_open(ret_mime, MIME_FILE);

	if (r < 0)
		fail(MIME_FILE, strerror(-r));
}

static struct tcpserver *
make_server(const struct options *options, int root_fd)
{
	const struct tcpserver_options engine = {
		.size = sizeof(engine),
		.name = "ezhttpd",
		.max_children = options->max_connections,
		.max_children_per_source = options->max_per_source,
		.lifetime_ms = TCPSERVER_NO_LIMIT,
		.client_speaks_first = 1,
		.has_root = 1,
		.root_fd = root_fd,
		.refusal = response_refusal(),
	};
	struct tcpserver *server;
	int r = tcpserver_new(&server, &engine);

	if (r < 0)
		fail("start", strerror(-r));
	return server;
}

/* On what a supervisor has opened; else on what was asked for. */
static void
listen_on(struct tcpserver *server, const struct options *options)
{
	unsigned i;
	int r = tcpserver_listen_inherited(server);

	for (i = 0; r == 0 && i < options->address_count; i++) {
		r = tcpserver_listen(server, options->addresses[i]);
		if (r < 0)
			break;
	}
	if (r < 0)
		fail("listen", tcpserver_errmsg(server));
}

/* The first address on stdout, for who started this; the others on stderr. */
static void
announce(const struct tcpserver *server)
{
	FILE *stream = stdout;
	const char *address;
	unsigned i;

	for (i = 0;; i++) {
		char url[URL_BYTES];
		struct text text;

		address = tcpserver_address(server, i);
		if (address == NULL)
			return;
		text_init(&text, url, sizeof(url) - 1);
		announce_put(&text, address);
		url[text.n] = '\0';
		fprintf(stream, "listening on %s\n", url);
		(void)fflush(stream);
		stream = stderr;
	}
}

int
main(int argc, char **argv)
{
	struct options options;
	struct service service;
	struct tcpserver *server;
	int root_fd;
	int r;

	options_parse(&options, argc, argv);
	service.has_listing = options.has_listing;
	service.has_log = options.has_log;
	load_types(&service.mime);
	root_fd = open_root(options.folder);
	server = make_server(&options, root_fd);
	listen_on(server, &options);
	announce(server);
	r = tcpserver_run(server, session_serve, &service);
	if (r < 0)
		fail("run", tcpserver_errmsg(server));
	tcpserver_free(server);
	mime_close(&service.mime);
	(void)close(root_fd);
	return EXIT_SUCCESS;
}
