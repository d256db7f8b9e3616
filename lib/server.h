/* SPDX-License-Identifier: MIT */
/* A server at rest: its options, its listeners, and what last went wrong. */
#ifndef TS_SERVER_H
#define TS_SERVER_H

#include <signal.h>
#include <tcpserver.h>

#include "core/endpoint.h"
#include "os/at_path.h"

/* Most listeners. */
#define TS_SERVER_LISTENERS 16

/* A listening socket and where it listens. */
struct ts_listener {
	int fd;
	struct ts_endpoint endpoint;
	char text[TS_ENDPOINT_TEXT_SIZE];
	/* The path of a unix socket that we have made is ours to remove. */
	struct ts_place place;
};

/* listeners[0 .. listener_count) are open; each bound in options is set. */
struct tcpserver {
	struct tcpserver_options options;
	struct ts_listener listeners[TS_SERVER_LISTENERS];
	unsigned listener_count;
	/* -1: none. */
	int root_fd;
	/* folder_fds[0 .. folder_count) are open: those beside the root. */
	int folder_fds[TCPSERVER_FOLDERS];
	unsigned folder_count;
	/* The signals that were blocked before it was made. */
	sigset_t old_mask;
	/* Room for the names of all walls that may be missing. */
	char errmsg[960];
};

/*
 * Fills in every default.  Returns 0, or -EINVAL if a size or a bound is
 * wrong.
 */
int ts_server_set_options(struct tcpserver *server,
    const struct tcpserver_options *options);

/*
 * Opens the root, if there is to be one, and the folders beside it: all, or
 * where one fails none.  Fails with what open(2) says.
 */
int ts_server_open_folders(struct tcpserver *server);

void ts_server_close_folders(struct tcpserver *server);

/*
 * Enters a listening socket; `fd` belongs to the server from here on, and is
 * closed on failure too.  Fails with -ENOSPC, or what getsockname(2) says.
 */
int ts_server_add_listener(struct tcpserver *server, int fd, int is_own_path);

/* Closes listener `index`, and removes the path it made. */
void ts_server_close_listener(struct tcpserver *server, unsigned index);

/*
 * Keeps for tcpserver_errmsg() that `address` is none.
 * Returns -EINVAL, for the caller to return.
 */
int ts_server_refuse_address(struct tcpserver *server, const char *address);

/*
 * Keeps a sentence for tcpserver_errmsg() that says what failed and what to do
 * about it.  Returns `error`, a negative errno, for the caller to return.
 */
int ts_server_explain(struct tcpserver *server, int error, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/*
 * Tries the system calls that are needed later, some of them in children only.
 * Fails, with server->errmsg set, with the error of the first that is missing.
 */
int ts_server_try_calls(struct tcpserver *server);

/*
 * Keeps "step object: reason" for tcpserver_errmsg().
 * Returns `error`, a negative errno, for the caller to return.
 */
int ts_server_fail(struct tcpserver *server, int error, const char *step,
    const char *object);

#endif
