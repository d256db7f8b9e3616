/* SPDX-License-Identifier: MIT */
/* Decides what becomes of a connection at each of its events. */
#include "parent/dispatch.h"

#include <sys/socket.h>

#include <assert.h>
#include <signal.h>
#include <sys/wait.h>

#include "os/linger.h"
#include "os/peek.h"

/* A killed child that has not ended after this is stuck. */
#define STUCK_MS 1000
/* Children are asked to give up their slots at most so often. */
#define ASK_MS 100

/* --- Refusing ------------------------------------------------------------ */

static void
refuse(struct ts_dispatch *dispatch, uint32_t id, enum ts_refusal refusal,
    struct ts_monotime now)
{
	ts_events_refused(dispatch->events, &dispatch->connections->all[id],
	    refusal, now);
	ts_lingering_close_begin(dispatch->lingering, id, dispatch->refusal,
	    now);
}

/* --- Waiting ------------------------------------------------------------- */

/* It waits no more, and is new. */
static void
leave_queue(struct ts_dispatch *dispatch, uint32_t id)
{
	ts_poller_remove(dispatch->poller, dispatch->connections->all[id].fd);
	ts_network_table_remove(dispatch->networks, id);
	ts_connections_set_state(dispatch->connections, id, TS_CONNECTION_NEW);
}

/*
 * Somebody waits: children that only wait for their clients are not needed.
 * Those that are started meanwhile are asked the next time.
 */
static void
ask_children(struct ts_dispatch *dispatch, struct ts_monotime now)
{
	struct ts_connections *connections = dispatch->connections;
	struct ts_connection *connection = NULL;

	dispatch->ask_at = ts_monotime_add_ms(dispatch->asked_at, ASK_MS);
	if (ts_monotime_is_before(now, dispatch->ask_at))
		return;
	dispatch->asked_at = now;
	dispatch->ask_at = ts_monotime_add_ms(now, ASK_MS);
	TAILQ_FOREACH(connection, &connections->served, in_served)
	{
		ts_children_ask(dispatch->children,
		    ts_connections_id(connections, connection));
	}
}

static void
wait_for_slot(struct ts_dispatch *dispatch, uint32_t id, struct ts_monotime now)
{
	struct ts_connections *connections = dispatch->connections;
	struct ts_connection *connection = &connections->all[id];
	uint32_t last;

	/* Its unread bytes would make a level-triggered set spin. */
	if (ts_poller_add_end(dispatch->poller, connection->fd,
		dispatch->first_tag + id) < 0) {
		refuse(dispatch, id, TS_REFUSAL_CROWDED, now);
		return;
	}
	ts_connections_set_state(connections, id, TS_CONNECTION_WAITING);
	ts_network_table_wait(dispatch->networks, id, &connection->chain, now);
	ts_deadline_set(&connections->deadline, id,
	    ts_monotime_add_ms(now, dispatch->wait_ms));
	ts_events_report_connection(dispatch->events, TS_EVENT_WAITS,
	    "all slots are held, one waits of", connection, now);
	ask_children(dispatch, now);
	if (connections->waiting <= dispatch->most_waiting)
		return;
	last = ts_network_table_last_waiting(dispatch->networks);
	leave_queue(dispatch, last);
	refuse(dispatch, last, TS_REFUSAL_CROWDED, now);
}

/* --- Serving ------------------------------------------------------------- */

/* Looks that were far ahead are due within the next second. */
static void
hasten_looks(struct ts_dispatch *dispatch, struct ts_monotime now)
{
	struct ts_connections *connections = dispatch->connections;
	struct ts_connection *connection = NULL;

	TAILQ_FOREACH(connection, &connections->served, in_served)
	{
		if (connection->kill == TS_KILL_NONE)
			ts_deadline_hasten(&connections->deadline,
			    ts_connections_id(connections, connection),
			    ts_watchdog_first(dispatch->watchdog, connection,
				now));
	}
}

static void
held_has_changed(struct ts_dispatch *dispatch, struct ts_monotime now)
{
	if (ts_watchdog_update(dispatch->watchdog,
		ts_network_table_held(dispatch->networks),
		dispatch->admission.slots, now))
		hasten_looks(dispatch, now);
}

/* Resets the connection, and ends its child. */
static void
kill_child(struct ts_dispatch *dispatch, uint32_t id,
    enum ts_kill_reason reason, const struct ts_connection *for_whom,
    struct ts_monotime now)
{
	struct ts_connection *connection = &dispatch->connections->all[id];

	ts_events_killed(dispatch->events, connection, reason, for_whom, now);
	ts_children_kill(dispatch->children, id, reason);
	ts_network_table_kill(dispatch->networks, id);
	ts_deadline_set(&dispatch->connections->deadline, id,
	    ts_monotime_add_ms(now, STUCK_MS));
}

static bool
is_scarce(const struct ts_dispatch *dispatch)
{
	return dispatch->watchdog->is_frequent ||
	    dispatch->connections->waiting > 0;
}

/*
 * Gives new connection `id` a slot and a child, and evicts the victim for it:
 * only once the child is there.
 */
static int
serve(struct ts_dispatch *dispatch, uint32_t id, uint32_t victim,
    struct ts_monotime now)
{
	struct ts_connection *connection = &dispatch->connections->all[id];
	int r;

	ts_network_table_admit(dispatch->networks, id, &connection->chain,
	    &connection->standing, now);
	ts_watchdog_begin(dispatch->watchdog, connection, now);
	r = ts_children_start(dispatch->children, id, is_scarce(dispatch), now);
	if (r < 0) {
		ts_network_table_remove(dispatch->networks, id);
		refuse(dispatch, id, TS_REFUSAL_FORK, now);
		return r;
	}
	ts_deadline_set(&dispatch->connections->deadline, id,
	    ts_watchdog_first(dispatch->watchdog, connection, now));
	if (victim != TS_SLOTS_NONE)
		kill_child(dispatch, victim, TS_KILL_EVICTED, connection, now);
	held_has_changed(dispatch, now);
	return 1;
}

/* Whether its source holds as many slots as the operator allows. */
static bool
is_over_limit(const struct ts_dispatch *dispatch,
    const struct ts_connection *connection)
{
	const struct ts_node *source = ts_network_table_find(dispatch->networks,
	    ts_chain_source(&connection->chain));

	return source != NULL && source->held >= dispatch->most_of_source;
}

/* Refuses connection `id`, which is new, if its source may have no slot. */
static bool
refuse_barred(struct ts_dispatch *dispatch, uint32_t id, struct ts_monotime now)
{
	const struct ts_connection *connection =
	    &dispatch->connections->all[id];

	if (ts_penalties_holds(dispatch->penalties,
		ts_chain_source(&connection->chain), now))
		refuse(dispatch, id, TS_REFUSAL_PENALTY, now);
	else if (is_over_limit(dispatch, connection))
		refuse(dispatch, id, TS_REFUSAL_LIMIT, now);
	else
		return false;
	return true;
}

/* A new connection asks for a slot. */
static int
admit(struct ts_dispatch *dispatch, uint32_t id, struct ts_monotime now)
{
	struct ts_connection *connection = &dispatch->connections->all[id];
	struct ts_admission_decision decision;

	assert(connection->state == TS_CONNECTION_NEW);
	if (refuse_barred(dispatch, id, now))
		return 0;
	decision = ts_admission_decide(&dispatch->admission, dispatch->networks,
	    &connection->chain, false, now);
	dispatch->events->metrics->decided[decision.reason]++;
	if (decision.verdict == TS_ADMISSION_WAIT) {
		wait_for_slot(dispatch, id, now);
		return 0;
	}
	return serve(dispatch, id, decision.victim, now);
}

/* Waiting connection `id` has its turn. */
static int
serve_waiting(struct ts_dispatch *dispatch, uint32_t id, uint32_t victim,
    struct ts_monotime now)
{
	int r;

	leave_queue(dispatch, id);
	if (refuse_barred(dispatch, id, now))
		return 0;
	r = serve(dispatch, id, victim, now);
	if (r > 0)
		dispatch->events->metrics->served_after_wait++;
	return r;
}

int
ts_dispatch_fill(struct ts_dispatch *dispatch, struct ts_monotime now)
{
	uint32_t id;
	int r = 0;

	while (r >= 0) {
		id = ts_network_table_first_waiting(dispatch->networks);
		if (id == TS_SLOTS_NONE ||
		    !ts_admission_has_room(&dispatch->admission,
			dispatch->networks,
			&dispatch->connections->all[id].chain))
			return 0;
		r = serve_waiting(dispatch, id, TS_SLOTS_NONE, now);
	}
	return r;
}

/*
 * Decides again on those that wait, the lightest first: the others may have
 * become heavier since, by what the last looks have shown.
 */
static int
decide_again(struct ts_dispatch *dispatch, struct ts_monotime now)
{
	struct ts_admission_decision decision;
	uint32_t id;
	int r = 0;

	while (r >= 0) {
		id = ts_network_table_first_waiting(dispatch->networks);
		if (id == TS_SLOTS_NONE)
			break;
		decision = ts_admission_decide(&dispatch->admission,
		    dispatch->networks, &dispatch->connections->all[id].chain,
		    true, now);
		if (decision.verdict == TS_ADMISSION_WAIT)
			break;
		dispatch->events->metrics->decided[decision.reason]++;
		r = serve_waiting(dispatch, id, decision.victim, now);
	}
	return r;
}

int
ts_dispatch_help_waiting(struct ts_dispatch *dispatch, struct ts_monotime now)
{
	int r;

	if (!ts_monotime_is_due(dispatch->ask_at, now))
		return 0;
	dispatch->ask_at = TS_MONOTIME_NEVER;
	r = decide_again(dispatch, now);
	if (dispatch->connections->waiting > 0)
		ask_children(dispatch, now);
	return r;
}

void
ts_dispatch_penalise(struct ts_dispatch *dispatch, uint32_t id, uint32_t points,
    struct ts_monotime now)
{
	const struct ts_connection *connection =
	    &dispatch->connections->all[id];
	struct ts_network source = ts_chain_source(&connection->chain);
	bool was_held = ts_penalties_holds(dispatch->penalties, source, now);

	ts_penalties_add(dispatch->penalties, source, points, now);
	if (!was_held && ts_penalties_holds(dispatch->penalties, source, now))
		ts_events_report_connection(dispatch->events, TS_EVENT_PENALTY,
		    "under penalty, refused from now on", connection, now);
}

void
ts_dispatch_reject(struct ts_dispatch *dispatch, uint32_t id,
    struct ts_monotime now)
{
	/* One that was killed may have sent more of them before. */
	if (dispatch->connections->all[id].kill == TS_KILL_NONE)
		kill_child(dispatch, id, TS_KILL_MESSAGES, NULL, now);
}

/* --- Events -------------------------------------------------------------- */

int
ts_dispatch_accepted(struct ts_dispatch *dispatch, uint32_t id,
    struct ts_monotime now)
{
	struct ts_connection *connection = &dispatch->connections->all[id];
	struct ts_metrics *metrics = dispatch->events->metrics;

	metrics->accepted++;
	if (!dispatch->client_speaks_first)
		return admit(dispatch, id, now);
	switch (ts_word_of(connection->fd)) {
	case TS_WORD_SPOKEN:
		return admit(dispatch, id, now);
	case TS_WORD_GONE:
		metrics->gone_silent++;
		ts_connections_close(dispatch->connections, id);
		break;
	case TS_WORD_NONE:
		metrics->parked_silent++;
		ts_parking_add(dispatch->parking, id, now);
		break;
	}
	return 0;
}

/*
 * Something has happened to a waiting connection, or earlier in this round to
 * one that had its id before.
 */
static void
drop_if_cut(struct ts_dispatch *dispatch, uint32_t id)
{
	if (!ts_peek_is_cut(dispatch->connections->all[id].fd))
		return;
	leave_queue(dispatch, id);
	dispatch->events->metrics->left_while_waiting++;
	ts_connections_close(dispatch->connections, id);
}

int
ts_dispatch_ready(struct ts_dispatch *dispatch, uint32_t id,
    struct ts_monotime now)
{
	switch (dispatch->connections->all[id].state) {
	case TS_CONNECTION_PARKED:
		return ts_parking_take(dispatch->parking, id)
		    ? admit(dispatch, id, now)
		    : 0;
	case TS_CONNECTION_WAITING:
		drop_if_cut(dispatch, id);
		return 0;
	case TS_CONNECTION_LINGERING:
		ts_lingering_close_drain(dispatch->lingering, id);
		return 0;
	case TS_CONNECTION_NONE:
	case TS_CONNECTION_NEW:
	case TS_CONNECTION_SERVED:
		/* An event of the same round has changed its state. */
		return 0;
	}
	return 0;
}

/* A killed child does not end: its client hears so, at least. */
static void
report_stuck(struct ts_dispatch *dispatch, uint32_t id, struct ts_monotime now)
{
	const struct ts_connection *connection =
	    &dispatch->connections->all[id];

	dispatch->events->metrics->stuck++;
	ts_events_report_connection(dispatch->events, TS_EVENT_STUCK,
	    "a killed child does not end, its storage may hang; client",
	    connection, now);
	(void)shutdown(connection->fd, SHUT_RDWR);
}

static void
look(struct ts_dispatch *dispatch, uint32_t id, struct ts_monotime now)
{
	struct ts_connection *connection = &dispatch->connections->all[id];
	enum ts_kill_reason reason;
	struct ts_monotime next;

	if (connection->kill != TS_KILL_NONE) {
		report_stuck(dispatch, id, now);
		return;
	}
	reason =
	    ts_watchdog_look(dispatch->watchdog, id, connection, now, &next);
	if (reason != TS_KILL_NONE) {
		kill_child(dispatch, id, reason, NULL, now);
		return;
	}
	ts_deadline_set(&dispatch->connections->deadline, id, next);
}

void
ts_dispatch_due(struct ts_dispatch *dispatch, uint32_t id,
    struct ts_monotime now)
{
	switch (dispatch->connections->all[id].state) {
	case TS_CONNECTION_SERVED:
		look(dispatch, id, now);
		break;
	case TS_CONNECTION_WAITING:
		leave_queue(dispatch, id);
		refuse(dispatch, id, TS_REFUSAL_WAITED, now);
		break;
	case TS_CONNECTION_PARKED:
		ts_parking_expire(dispatch->parking, id);
		break;
	case TS_CONNECTION_LINGERING:
		ts_lingering_close_end(dispatch->lingering, id);
		break;
	case TS_CONNECTION_NONE:
	case TS_CONNECTION_NEW:
		assert(false);
		break;
	}
}

/* Nothing is left to be sent, or it is thrown away. */
static void
close_at_once(struct ts_dispatch *dispatch, uint32_t id)
{
	ts_linger_cut(dispatch->connections->all[id].fd);
	ts_connections_close(dispatch->connections, id);
}

/* The connection continues as the child's exit status says. */
static void
follow(struct ts_dispatch *dispatch, uint32_t id, int status,
    struct ts_monotime now)
{
	struct ts_connection *connection = &dispatch->connections->all[id];

	switch (status) {
	case TS_EXIT_PARKED:
		connection->is_resumed = true;
		ts_linger_renew(connection->fd);
		ts_parking_add(dispatch->parking, id, now);
		break;
	case TS_EXIT_LINGER:
		ts_lingering_close_begin(dispatch->lingering, id, NULL, now);
		break;
	default:
		close_at_once(dispatch, id);
		break;
	}
}

void
ts_dispatch_ended(struct ts_dispatch *dispatch, const struct ts_child_end *end,
    struct ts_monotime now)
{
	struct ts_connection *connection = &dispatch->connections->all[end->id];

	connection->standing = ts_network_table_standing(dispatch->networks,
	    end->id, connection->standing.moved_bytes, now);
	ts_network_table_remove(dispatch->networks, end->id);
	/* Who is killed from outside, as for want of memory, did nothing. */
	if (end->reason == TS_EXIT_REASON_CRASHED &&
	    WTERMSIG(end->status) != SIGKILL)
		ts_dispatch_penalise(dispatch, end->id,
		    WTERMSIG(end->status) == SIGSYS ? TS_PENALTY_FORBIDDEN_CALL
						    : TS_PENALTY_CRASH,
		    now);
	if (!end->was_killed && WIFEXITED(end->status))
		follow(dispatch, end->id, WEXITSTATUS(end->status), now);
	else
		close_at_once(dispatch, end->id);
	held_has_changed(dispatch, now);
}

void
ts_dispatch_stop(struct ts_dispatch *dispatch, struct ts_monotime now)
{
	struct ts_connections *connections = dispatch->connections;

	for (uint32_t id = 0; id < connections->slots.capacity; id++) {
		if (connections->all[id].state != TS_CONNECTION_PARKED)
			continue;
		if (ts_parking_take(dispatch->parking, id))
			(void)admit(dispatch, id, now);
		else if (connections->all[id].state == TS_CONNECTION_PARKED)
			ts_parking_close(dispatch->parking, id);
	}
}

void
ts_dispatch_kill_all(struct ts_dispatch *dispatch, struct ts_monotime now)
{
	struct ts_connections *connections = dispatch->connections;
	struct ts_connection *connection = NULL;

	TAILQ_FOREACH(connection, &connections->served, in_served)
	{
		if (connection->kill == TS_KILL_NONE)
			kill_child(dispatch,
			    ts_connections_id(connections, connection),
			    TS_KILL_STOPPED, NULL, now);
	}
}

void
ts_dispatch_drop_all(struct ts_dispatch *dispatch)
{
	struct ts_connections *connections = dispatch->connections;

	for (uint32_t id = 0; id < connections->slots.capacity; id++) {
		switch (connections->all[id].state) {
		case TS_CONNECTION_WAITING:
			leave_queue(dispatch, id);
			ts_connections_close(connections, id);
			break;
		case TS_CONNECTION_PARKED:
			ts_parking_close(dispatch->parking, id);
			break;
		case TS_CONNECTION_LINGERING:
			ts_lingering_close_end(dispatch->lingering, id);
			break;
		default:
			break;
		}
	}
}
