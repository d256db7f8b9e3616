/* SPDX-License-Identifier: MIT */
/*
 * A whole server for tests, in a process of its own, with its log on a pipe
 * and a supervisor that hears what it says.
 *
 * Its handler obeys: the first byte that a client sends says what to do.
 *
 *	h	says "hello PEER at LISTENER", closes
 *	p	says its process id, closes
 *	f	says which descriptors it has, closes
 *	r	says "bye", resets
 *	a	aborts
 *	x	exits with a status of its own, 77
 *	b	says "busy", waits for another byte, says "done", closes
 *	w	says "waiting", waits as a handler should, says what came of it;
 *		parks if its slot is asked for
 *	s	says "stopped", and is (SIGSTOP)
 *	l	says "looping", and does, deaf to all signals
 *	y	says "working", and "yielding" when its slot is asked for,
 *closes n	listens to all that comes, closes at its end t	talks until its
 *client has gone, closes k	says "parked", parks; resumed, obeys the next
 *command q	says "busy", waits for another byte, says "parked", parks 1
 *logs one line, in which there is an escape, closes m	logs many lines,
 *SCENE_MANY_LINES, as fast as it can, closes e	logs ten of the longest lines
 *there are, all escapes, closes
 */
#ifndef TESTS_SCENE_H
#define TESTS_SCENE_H

#include <stdbool.h>
#include <tcpserver.h>

#include "forked.h"

#define SCENE_MANY_LINES 400
/* Children of the server that serve no client: the logger. */
#define SCENE_HELPERS 1
#define SCENE_LOG_SIZE ((size_t)8 << 20)
#define SCENE_PATH_SIZE 64

/* How a server is to be started.  Zeroed: with every default. */
struct scene_setup {
	struct tcpserver_options options;
	/* Default: "127.0.0.1:0". */
	const char *addresses[3];
	/* Default: the one that obeys. */
	tcpserver_handler *handler;
	/* The log's pipe holds as little as a pipe can. */
	bool is_log_narrow;
	/* And it does not block. */
	bool is_log_nonblocking;
	/* Started by somebody who ignores SIGCHLD. */
	bool is_child_signal_ignored;
	/* It tells its status; see scene_expect_number(). */
	bool has_status;
};

struct scene {
	pid_t pid;
	uint16_t ports[3];
	int log_fd;
	int supervisor_fd;
	char status_path[SCENE_PATH_SIZE];
	/* What was read of the log. */
	char log[SCENE_LOG_SIZE];
	size_t log_size;
};

/* Starts a server and waits until it is ready. */
void scene_open(struct scene *scene, const struct scene_setup *setup);

/* Connects to the first listener and says `command`. */
int scene_ask(const struct scene *scene, char command);

/* The same, from another source. */
int scene_ask_from(const struct scene *scene, const char *source, char command);

/* Reads to the end, checks text and end (see peers_read_to_end()), closes. */
void scene_expect(int client, const char *text, int end);

/* Reads as much as `text` has, and checks it; the connection goes on. */
void scene_expect_so_far(int client, const char *text);

/*
 * Reads more of the log, and ends it with a NUL.
 * Returns false at its end, or if nothing comes within `limit_ms`.
 */
bool scene_read_log(struct scene *scene, int limit_ms);

/* Waits until the log holds `text`. */
void scene_expect_log(struct scene *scene, const char *text);

/* Waits for the supervisor to be told `text`. */
void scene_expect_word(const struct scene *scene, const char *text);

/* Waits until the server has so many children, the helpers among them. */
void scene_expect_children(const struct scene *scene, unsigned count);

/* Waits until the status reports `value` for `name`, as "parked". */
void scene_expect_number(const struct scene *scene, const char *name,
    uint64_t value);

/* Returns the value that the status reports for `name` now. */
uint64_t scene_number(const struct scene *scene, const char *name);

/*
 * The children of the server, by age: 0 is the logger, while it is the one that
 * the server began with.
 */
pid_t scene_child(const struct scene *scene, unsigned index);

#define SCENE_LOGGER 0

/* The one that was started last. */
pid_t scene_last_child(const struct scene *scene);

/* The open descriptors of the server, as process_list_fds() lists them. */
void scene_list_fds(const struct scene *scene, char list[PROCESS_FDS_SIZE]);

/*
 * Stops the server (SIGSTOP) where it waits for something to happen.  What
 * happens until scene_go_on() it then attends to in that order; stopped
 * anywhere else, it would look at its signals before all.
 */
void scene_stop(const struct scene *scene);
void scene_go_on(const struct scene *scene);

/*
 * Waits until the server has ended, by itself and well, and the log with it.
 * Checks that tcpserver_run() has left everything as it had found it.
 */
void scene_wait(struct scene *scene);

/* Tells it to stop; then as scene_wait(). */
void scene_close(struct scene *scene);

#endif
