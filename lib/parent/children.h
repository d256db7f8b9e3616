/* SPDX-License-Identifier: MIT */
/*
 * The child processes: started, signalled, killed, reaped.
 *
 * A connection is entered in the network table before the fork, and taken out
 * when that fails or when the child was reaped: no slot is held by nobody.
 */
#ifndef TS_PARENT_CHILDREN_H
#define TS_PARENT_CHILDREN_H

#include "child/child.h"
#include "core/child_table.h"
#include "os/channel.h"
#include "os/fd_window.h"
#include "parent/connections.h"
#include "parent/events.h"

/* A process that serves no client has ended; returns whether it is known. */
typedef bool ts_children_helper(void *arg, pid_t pid);
/* A handler has reported its client, of connection `id`. */
typedef void ts_children_penalty(void *arg, uint32_t id, uint32_t points,
    struct ts_monotime now);

/* The child of connection `id` has to be killed for its messages. */
typedef void ts_children_reject(void *arg, uint32_t id, struct ts_monotime now);

struct ts_children {
	struct ts_child_table table;
	struct ts_connections *connections;
	struct ts_events *events;
	struct ts_fd_window window;
	struct ts_channel channel;
	struct ts_child_context context;
	ts_children_helper *helper;
	ts_children_penalty *penalty;
	ts_children_reject *reject;
	/* Passed to all three. */
	void *arg;
};

/* How many bytes of an arena it takes for connections below `ids`. */
size_t ts_children_room(uint32_t ids);

/* Takes its memory from the arena; the other fields are set by the caller. */
void ts_children_init(struct ts_children *children, struct ts_table *arena,
    uint32_t ids);

/*
 * Starts a child for connection `id`, which is new; it is SERVED then.
 * Fails with what fork(2) says; the connection is as before.
 */
int ts_children_start(struct ts_children *children, uint32_t id, bool is_scarce,
    struct ts_monotime now);

/* Kills the child of connection `id`, unless that was done already. */
void ts_children_kill(struct ts_children *children, uint32_t id,
    enum ts_kill_reason reason);

/* Asks the child of connection `id` to give up its slot, once. */
void ts_children_ask(struct ts_children *children, uint32_t id);

/* The end of a child. */
struct ts_child_end {
	/* The connection that it has served. */
	uint32_t id;
	int status;
	enum ts_exit_reason reason;
	/* Whether the parent has killed it. */
	bool was_killed;
};

/*
 * Reaps the next process that has ended, after its messages have been taken.
 * One that serves no connection is passed to children->helper; one that this
 * does not know either is counted.
 * Returns 1 with *ret_end, of a connection that is NEW again; 2 when a process
 * without a connection was reaped; 0 when no process has ended.
 */
int ts_children_reap(struct ts_children *children, struct ts_monotime now,
    struct ts_child_end *ret_end);

/*
 * Takes the messages that children have sent.  A child whose message cannot be
 * what it says is killed.
 */
void ts_children_take_messages(struct ts_children *children,
    struct ts_monotime now);

/* Passes a request to stop on to all: one that waits for a client ends. */
void ts_children_terminate_all(struct ts_children *children);

#endif
