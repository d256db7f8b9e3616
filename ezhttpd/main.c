/* SPDX-License-Identifier: MIT */
/* ezhttpd: a web server for files, in which each client has its own process. */
#include <sys/resource.h>

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tcpserver.h>

#include "banner.h"
#include "config/command_line.h"
#include "config/config_dump.h"
#include "config/options.h"
#include "connection/connection.h"
#include "connection/removed_root.h"
#include "files/mime.h"
#include "handler/access_log.h"
#include "handler/exchange.h"
#include "http/response.h"
#include "interfaces.h"
#include "start_check.h"

/* Requests are small, and what is not read need not wait here. */
#define RECEIVE_BUFFER_BYTES 8192

/* What the server's functions are given. */
struct program {
	/* The first, so that who knows no other has the same address. */
	struct service service;
	struct interfaces interfaces;
};

_Static_assert(offsetof(struct program, service) == 0,
    "session_serve() is given the one for the other");

static _Noreturn void
fail(const char *what, const char *why)
{
	fprintf(stderr, "ezhttpd: %s: %s\n", what, why);
	exit(EXIT_FAILURE);
}

/* One that was asked for has to be there; the system's need not. */
static void
load_types(struct mime *ret_mime, const struct options *options,
    const struct said *said)
{
	const struct serving *serving = &options->serving;
	const bool is_system = serving->mime == NULL;
	const char *file = is_system ? OPTIONTABLE_MIME_FILE : serving->mime;
	const enum mime_origin origin =
	    is_system ? MIME_OF_SYSTEM : MIME_OF_OPERATOR;
	int r = mime_open(ret_mime, file, origin, serving->charset);

	if (r == -ENOENT && is_system)
		r = mime_open(ret_mime, NULL, origin, serving->charset);
	if (r < 0)
		start_check_fail(options, said,
		    OPTION_SERVING + (int)SERVING_MIME, file, strerror(-r));
}

/* Who may come in, where not everybody may. */
static void
load_login(struct login *ret_login, const struct options *options,
    const struct said *said)
{
	const struct serving *serving = &options->serving;
	struct htpasswd_fault fault;
	int r;

	if (serving->auth == NULL)
		return;
	r = login_open(ret_login, serving->auth, &fault);
	/* Where sources have no share, as behind a proxy, all are one. */
	if (options->max_per_source == TCPSERVER_NO_LIMIT)
		ret_login->guesses_per_source = GUESS_LIMIT_ALL;
	if (r == 0)
		return;
	if (fault.what == NULL)
		start_check_fail(options, said,
		    OPTION_SERVING + (int)SERVING_AUTH, serving->auth,
		    strerror(-r));
	fprintf(stderr, "ezhttpd: %s:%u: %s\n", serving->auth, fault.line,
	    fault.what);
	exit(EXIT_FAILURE);
}

static void
share_removed_root(struct removed_root *ret_removed)
{
	int r = removed_root_open(ret_removed);

	if (r < 0)
		fail("start", strerror(-r));
}

static void
say_ready(const struct tcpserver *server, void *arg)
{
	const struct program *program = arg;

	tell_listeners(server, &program->interfaces);
}

_Static_assert(SERVING_ALIASES <= TCPSERVER_FOLDERS,
    "the library opens as many folders");

static struct tcpserver *
make_server(const struct options *options)
{
	const struct serving *serving = &options->serving;
	/* As long as the server. */
	static const char *folders[SERVING_ALIASES + 1];
	const struct tcpserver_options engine = {
		.size = sizeof(engine),
		.name = "ezhttpd",
		.max_children = options->max_connections,
		.max_children_per_source = options->max_per_source,
		.wait_ms = options->wait_ms,
		.parked_ms = options->idle_ms,
		.linger_ms = options->linger_ms,
		.lifetime_ms = TCPSERVER_NO_LIMIT,
		.receive_buffer_bytes = RECEIVE_BUFFER_BYTES,
		.client_speaks_first = 1,
		.root = options->folder,
		.folders = folders,
		.turns = serving->auth != NULL ? LOGIN_TURNS : 0,
		.refusal = response_refusal(),
		.status = options->status,
		.ready = say_ready,
		.jail = {
			.mode = options->jail,
			.profile = TCPSERVER_PROFILE_FILES,
			.user = options->user,
			.group = options->group,
		},
	};
	struct tcpserver *server;
	int r;

	for (unsigned i = 0; i < serving->alias_count; i++)
		folders[i] = serving->aliases[i].folder;
	r = tcpserver_new(&server, &engine);
	if (r < 0)
		fail("start", strerror(-r));
	return server;
}

/* What the last call on the server says; and nothing it made is left. */
static _Noreturn void
fail_with(struct tcpserver *server)
{
	fprintf(stderr, "ezhttpd: %s\n", tcpserver_errmsg(server));
	tcpserver_free(server);
	exit(EXIT_FAILURE);
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
		fail_with(server);
}

/*
 * What is no address is found before a socket is made, and none can be made: so
 * nothing is listened on, and no path appears or goes.
 */
static void
check_addresses(struct tcpserver *server, const struct options *options)
{
	const struct rlimit nothing = { .rlim_cur = 0 };
	unsigned i;

	if (setrlimit(RLIMIT_NOFILE, &nothing) < 0)
		fail("check", strerror(errno));
	for (i = 0; i < options->address_count; i++)
		if (tcpserver_listen(server, options->addresses[i]) == -EINVAL)
			fail_with(server);
}

/* Instead of serving; what cannot be said as a file is not said at all. */
static void
say_configuration(const struct options *options, const struct said *said)
{
	const char *misfit = effective_misfit(said);

	if (misfit != NULL)
		commandline_refuse(misfit,
		    "a configuration file cannot hold this");
	effective_write(stdout, options, said);
	if (fflush(stdout) != 0)
		fail("configuration", strerror(errno));
}

static void
serve(struct tcpserver *server, const struct options *options,
    struct program *program)
{
	int r;

	listen_on(server, options);
	/* The jail will have none; and who cannot tell of others goes on. */
	(void)interfaces_read(&program->interfaces);
	r = tcpserver_run(server, session_serve, program);
	if (r < 0)
		fail_with(server);
}

int
main(int argc, char **argv)
{
	static accesslog_writer *const writers[] = {
		[OPTIONS_LOG_OFF] = NULL,
		[OPTIONS_LOG_COMBINED] = accesslog_format,
		[OPTIONS_LOG_JSON] = accesslog_format_json,
	};
	static struct options options;
	static struct program program;
	struct tcpserver *server;
	struct said said;

	commandline_read(&options, &said, argc, argv);
	program.service.serving = &options.serving;
	program.service.write_line = writers[options.log];
	program.service.folder = options.folder;
	share_removed_root(&program.service.removed);
	load_types(&program.service.mime, &options, &said);
	load_login(&program.service.login, &options, &said);
	start_check(&options, &said);
	server = make_server(&options);
	if (options.is_check) {
		check_addresses(server, &options);
		say_configuration(&options, &said);
	} else {
		serve(server, &options, &program);
	}
	tcpserver_free(server);
	mime_close(&program.service.mime);
	login_close(&program.service.login);
	said_release(&said);
	return EXIT_SUCCESS;
}
