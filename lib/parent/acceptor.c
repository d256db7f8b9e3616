/* SPDX-License-Identifier: MIT */
/* The listeners: accepts connections, and pauses where it would spin. */
#include "parent/acceptor.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "core/accepterror.h"
#include "os/accept.h"

/* Most connections of one listener before anything else has its turn. */
#define BATCH 16
/* How long to leave listeners alone when descriptors are short. */
#define PAUSE_MS 100
/*
 * A peer that was gone before it could be accepted is passed over at once.
 * So many in a row, and the fault lies elsewhere: accepting would spin.
 */
#define PASSED_OVER_MOST 16
#define PASSED_OVER_PAUSE_MS 20

int
ts_acceptor_open(struct ts_acceptor *acceptor)
{
	const struct tcpserver *server = acceptor->server;
	int r;

	for (unsigned i = 0; i < server->listener_count; i++) {
		r = ts_poller_add(acceptor->poller, server->listeners[i].fd, i);
		if (r < 0)
			return r;
	}
	acceptor->is_open = true;
	acceptor->resume_at = TS_MONOTIME_NEVER;
	acceptor->needs_descriptors = false;
	return 0;
}

static void
shut(struct ts_acceptor *acceptor)
{
	const struct tcpserver *server = acceptor->server;

	for (unsigned i = 0; acceptor->is_open && i < server->listener_count;
	     i++)
		ts_poller_remove(acceptor->poller, server->listeners[i].fd);
	acceptor->is_open = false;
}

static void
pause_for(struct ts_acceptor *acceptor, struct ts_monotime now, uint32_t ms)
{
	shut(acceptor);
	acceptor->resume_at = ts_monotime_add_ms(now, ms);
}

void
ts_acceptor_stop(struct ts_acceptor *acceptor)
{
	shut(acceptor);
	acceptor->resume_at = TS_MONOTIME_NEVER;
	acceptor->needs_descriptors = false;
}

bool
ts_acceptor_resume_if_due(struct ts_acceptor *acceptor, struct ts_monotime now)
{
	if (!ts_monotime_is_due(acceptor->resume_at, now))
		return false;
	if (ts_acceptor_open(acceptor) < 0) {
		/* Out of memory for the poll set itself: again, later. */
		acceptor->is_open = true;
		pause_for(acceptor, now, PAUSE_MS);
	}
	return true;
}

void
ts_acceptor_child_ended(struct ts_acceptor *acceptor)
{
	if (acceptor->needs_descriptors)
		acceptor->resume_at = (struct ts_monotime){ 0 };
}

static void
report(struct ts_acceptor *acceptor, enum ts_event event, const char *what,
    int error, struct ts_monotime now)
{
	ts_events_report(acceptor->dispatch->events, event, what,
	    strerror(error), now);
}

static void
passed_over(struct ts_acceptor *acceptor, int error, struct ts_monotime now)
{
	if (++acceptor->passed_over < PASSED_OVER_MOST)
		return;
	acceptor->passed_over = 0;
	report(acceptor, TS_EVENT_ACCEPT_FAILED, "accept", error, now);
	pause_for(acceptor, now, PASSED_OVER_PAUSE_MS);
}

static void
accept_failed(struct ts_acceptor *acceptor, int error, struct ts_monotime now)
{
	acceptor->dispatch->events->metrics->failed_accepts++;
	if (ts_accept_error_of(error) == TS_ACCEPT_ERROR_TRANSIENT) {
		passed_over(acceptor, error, now);
		return;
	}
	report(acceptor, TS_EVENT_ACCEPT_FAILED, "accept", error, now);
	pause_for(acceptor, now, PAUSE_MS);
	acceptor->needs_descriptors = true;
}

void
ts_acceptor_fork_result(struct ts_acceptor *acceptor, int result,
    struct ts_monotime now)
{
	if (result > 0)
		ts_backoff_succeed(&acceptor->fork_backoff);
	if (result >= 0)
		return;
	acceptor->dispatch->events->metrics->failed_forks++;
	report(acceptor, TS_EVENT_FORK_FAILED, "fork", -result, now);
	pause_for(acceptor, now, ts_backoff_fail(&acceptor->fork_backoff));
}

/* Enters a connection that was accepted. */
static void
take(struct ts_acceptor *acceptor, const struct ts_accepted *accepted,
    unsigned listener, struct ts_monotime now)
{
	struct ts_connections *connections = acceptor->dispatch->connections;
	struct ts_connection *connection;
	uint32_t id = ts_connections_add(connections, accepted->fd);

	assert(id != TS_SLOTS_NONE);
	connection = &connections->all[id];
	connection->listener = listener;
	connection->peer = accepted->peer;
	ts_chain_of(&connection->chain, &connection->peer);
	acceptor->passed_over = 0;
	ts_acceptor_fork_result(acceptor,
	    ts_dispatch_accepted(acceptor->dispatch, id, now), now);
}

void
ts_acceptor_accept(struct ts_acceptor *acceptor, unsigned index,
    struct ts_monotime now)
{
	const struct ts_slots *ids = &acceptor->dispatch->connections->slots;
	struct ts_accepted accepted;
	int r;

	for (int i = 0; i < BATCH && acceptor->is_open; i++) {
		/* It stays in the kernel's queue, and is not lost. */
		if (ids->used == ids->capacity) {
			accept_failed(acceptor, EMFILE, now);
			return;
		}
		r = ts_accept(acceptor->server->listeners[index].fd, &accepted);
		if (r == -EAGAIN)
			return;
		if (r < 0)
			accept_failed(acceptor, -r, now);
		else
			take(acceptor, &accepted, index, now);
	}
}
