/* SPDX-License-Identifier: MIT */
/* The listeners: accepting, admitting, refusing, pausing. */
#include "parent/acceptor.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "core/accepterror.h"
#include "os/accept.h"
#include "os/peek.h"

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
ts_intake_open(struct ts_intake *intake)
{
	const struct tcpserver *server = intake->server;
	int r;

	for (unsigned i = 0; i < server->listener_count; i++) {
		r = ts_poller_add(intake->poller, server->listeners[i].fd, i);
		if (r < 0)
			return r;
	}
	r = ts_parking_heed(intake->parking);
	if (r < 0)
		return r;
	intake->is_open = true;
	intake->resume_at = TS_MONOTIME_NEVER;
	intake->needs_descriptors = false;
	return 0;
}

static void
shut(struct ts_intake *intake)
{
	const struct tcpserver *server = intake->server;

	for (unsigned i = 0; intake->is_open && i < server->listener_count; i++)
		ts_poller_remove(intake->poller, server->listeners[i].fd);
	/* Those whose clients have spoken wait where they are, too. */
	ts_parking_ignore(intake->parking);
	intake->is_open = false;
}

static void
pause_for(struct ts_intake *intake, struct ts_monotime now, uint32_t ms)
{
	shut(intake);
	intake->resume_at = ts_monotime_add_ms(now, ms);
}

void
ts_intake_stop(struct ts_intake *intake)
{
	shut(intake);
	intake->resume_at = TS_MONOTIME_NEVER;
	intake->needs_descriptors = false;
}

static void
resume(struct ts_intake *intake, struct ts_monotime now)
{
	if (ts_intake_open(intake) < 0) {
		/* Out of memory for the poll set itself: again, later. */
		intake->is_open = true;
		pause_for(intake, now, PAUSE_MS);
	}
}

void
ts_intake_resume_if_due(struct ts_intake *intake, struct ts_monotime now)
{
	if (ts_monotime_is_due(intake->resume_at, now))
		resume(intake, now);
}

void
ts_intake_child_ended(struct ts_intake *intake)
{
	if (intake->needs_descriptors)
		intake->resume_at = (struct ts_monotime){ 0 };
}

/* Says `what` of `who`, if that was not said within the last minute. */
static void
say(struct ts_intake *intake, enum ts_intake_event event,
    struct ts_monotime now, const char *what, const char *who)
{
	uint64_t unsaid;

	if (!ts_loglimit_hit(&intake->said[event], now, &unsaid))
		return;
	if (unsaid == 0)
		ts_logger_say(intake->logger, "%s: %s", what, who);
	else
		ts_logger_say(intake->logger, "%s: %s (and %llu times before)",
		    what, who, (unsigned long long)unsaid);
}

static void
passed_over(struct ts_intake *intake, int error, struct ts_monotime now)
{
	if (++intake->passed_over < PASSED_OVER_MOST)
		return;
	intake->passed_over = 0;
	say(intake, TS_INTAKE_ACCEPT_FAILED, now, "accept", strerror(error));
	pause_for(intake, now, PASSED_OVER_PAUSE_MS);
}

static void
accept_failed(struct ts_intake *intake, int error, struct ts_monotime now)
{
	intake->metrics->failed_accepts++;
	if (ts_accept_error_of(error) == TS_ACCEPT_ERROR_TRANSIENT) {
		passed_over(intake, error, now);
		return;
	}
	say(intake, TS_INTAKE_ACCEPT_FAILED, now, "accept", strerror(error));
	pause_for(intake, now, PAUSE_MS);
	intake->needs_descriptors = true;
}

static void
fork_failed(struct ts_intake *intake, int error, struct ts_monotime now)
{
	intake->metrics->failed_forks++;
	say(intake, TS_INTAKE_FORK_FAILED, now, "fork", strerror(error));
	pause_for(intake, now, ts_backoff_fail(&intake->fork_backoff));
}

/* Counts and says that a connection was refused. */
static void
refused(struct ts_intake *intake, const struct ts_connection *connection,
    struct ts_monotime now)
{
	char peer[TS_ADDR_TEXT_SIZE];

	ts_addr_format(&connection->peer, peer);
	intake->metrics->refused++;
	say(intake, TS_INTAKE_REFUSED, now, "no room, refused", peer);
}

/*
 * Where the client is to speak first, one that has not yet said anything
 * waits in the lot, and one that has gone already is not worth a child.
 * Returns whether the connection was seen to.
 */
static bool
set_aside(struct ts_intake *intake, const struct ts_connection *connection)
{
	const struct tcpserver_options *options = &intake->server->options;
	const struct ts_parcel parcel = {
		.wait_ms = options->first_byte_ms,
		.listener = connection->listener,
	};

	if (options->client_speaks_first == 0 ||
	    connection->peer.kind == TS_ADDR_LOCAL)
		return false;
	switch (ts_word_of(connection->fd)) {
	case TS_WORD_SPOKEN:
		return false;
	case TS_WORD_GONE:
		intake->metrics->gone_wordless++;
		break;
	case TS_WORD_NONE:
		if (ts_parking_send(intake->parking, connection->fd, &parcel) <
		    0)
			return false;
		intake->metrics->parked_wordless++;
		break;
	}
	(void)close(connection->fd);
	return true;
}

static void
admit(struct ts_intake *intake, const struct ts_connection *connection,
    struct ts_monotime now)
{
	enum ts_admission admission;
	int error;

	intake->passed_over = 0;
	admission = ts_brood_start(intake->brood, connection, now, &error);
	switch (admission) {
	case TS_ADMITTED:
		ts_backoff_succeed(&intake->fork_backoff);
		(void)close(connection->fd);
		return;
	case TS_REFUSED_FORK:
		fork_failed(intake, -error, now);
		break;
	case TS_REFUSED_FULL:
		refused(intake, connection, now);
		break;
	}
	ts_farewell_add(intake->farewell, connection->fd, now);
}

/* A connection that has just been accepted. */
static void
receive(struct ts_intake *intake, const struct ts_connection *connection,
    struct ts_monotime now)
{
	intake->metrics->accepted++;
	if (!set_aside(intake, connection))
		admit(intake, connection, now);
}

void
ts_intake_accept(struct ts_intake *intake, unsigned index,
    struct ts_monotime now)
{
	struct ts_connection connection = { .listener = index };
	int r;

	for (int i = 0; i < BATCH && intake->is_open; i++) {
		r = ts_accept(intake->server->listeners[index].fd,
		    &connection.fd, &connection.peer, &connection.local);
		if (r == -EAGAIN)
			return;
		if (r < 0)
			accept_failed(intake, -r, now);
		else
			receive(intake, &connection, now);
	}
}

/* Returns whether there may be more. */
static bool
resume_some(struct ts_intake *intake, struct ts_monotime now)
{
	struct ts_connection connection;
	int i;

	for (i = 0; i < BATCH; i++) {
		if (ts_parking_take(intake->parking, &connection) == 0)
			break;
		connection.listener = connection.parcel.listener;
		intake->metrics->resumed++;
		admit(intake, &connection, now);
	}
	/* What a handler has left is nobody else's: not even on this stack. */
	explicit_bzero(&connection, sizeof(connection));
	return i == BATCH;
}

void
ts_intake_resume_parked(struct ts_intake *intake, struct ts_monotime now)
{
	(void)resume_some(intake, now);
}

void
ts_intake_resume_all(struct ts_intake *intake, struct ts_monotime now)
{
	while (resume_some(intake, now))
		continue;
}
