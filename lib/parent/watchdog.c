/* SPDX-License-Identifier: MIT */
/* Watches the connections of children from outside. */
#include "parent/watchdog.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <tcpserver.h>

#include "os/process.h"
#include "os/tcp_stats.h"

/* The first look, and the next ones while slots are scarce. */
#define LOOK_MS 1000
/* No sooner is a child looked at for the processor time that it uses. */
#define CPU_LOOK_MS 100
#define MOST_CPU_LOOK_MS (3600 * 1000)
/* So many moved bytes pay for a second of processor time. */
#define BYTES_PER_CPU_S (UINT64_C(64) << 20)
/* "N of N slots are held", with its end. */
#define SLOTS_TEXT_SIZE 48

/* The kernel has no such statistics of a unix socket. */
static bool
is_watched(const struct ts_connection *connection)
{
	return connection->peer.kind != TS_ADDR_LOCAL;
}

void
ts_watchdog_begin(struct ts_watchdog *watchdog,
    struct ts_connection *connection, struct ts_monotime now)
{
	struct ts_progress_sample before;
	bool is_resumed = connection->is_resumed && is_watched(connection) &&
	    ts_tcp_stats(connection->fd, &before) == 0;

	/* One that was served before has moved something before. */
	ts_progress_init(&connection->progress, now,
	    is_resumed ? &before : NULL,
	    watchdog->client_speaks_first && !connection->is_resumed);
	connection->is_gone = false;
	connection->life_end = watchdog->lifetime_ms == TCPSERVER_NO_LIMIT
	    ? TS_MONOTIME_NEVER
	    : ts_monotime_add_ms(now, watchdog->lifetime_ms);
}

static struct ts_monotime
no_later_than_end(const struct ts_connection *connection,
    struct ts_monotime when)
{
	return ts_monotime_earlier(when, connection->life_end);
}

struct ts_monotime
ts_watchdog_first(const struct ts_watchdog *watchdog,
    const struct ts_connection *connection, struct ts_monotime now)
{
	struct ts_monotime first = TS_MONOTIME_NEVER;

	if (is_watched(connection) || watchdog->cpu_s != TCPSERVER_NO_LIMIT)
		first = ts_monotime_add_ms(now, LOOK_MS);
	return no_later_than_end(connection, first);
}

/* Nothing moves on a connection that is no more: its child has to end. */
static enum ts_kill_reason
judge_gone(const struct ts_watchdog *watchdog, struct ts_connection *connection,
    struct ts_monotime now, struct ts_monotime *ret_next)
{
	uint32_t idle_ms = watchdog->limits.idle_ms;

	if (connection->is_gone)
		return TS_KILL_IDLE;
	connection->is_gone = idle_ms != TCPSERVER_NO_LIMIT;
	*ret_next = no_later_than_end(connection,
	    ts_monotime_add_ms(now,
		connection->is_gone ? idle_ms : TS_PROGRESS_MOST_STEP_MS));
	return TS_KILL_NONE;
}

/* The limits of one connection: halved under overload, unless it is light. */
static struct ts_progress_limits
limits_of(const struct ts_watchdog *watchdog,
    const struct ts_connection *connection)
{
	const struct ts_node *source = ts_network_table_find(watchdog->networks,
	    ts_chain_source(&connection->chain));
	struct ts_progress_limits limits = watchdog->limits;

	limits.is_stressed = watchdog->overload.is_on && source != NULL &&
	    source->weight > watchdog->networks->heavy;
	return limits;
}

/* What it has moved in this slot and in those before. */
static uint64_t
moved_bytes(const struct ts_progress_sample *sample)
{
	return sample->received_bytes + sample->acknowledged_bytes;
}

/*
 * What the child may still use of the processor.  A fast client of a large file
 * earns the time that its file takes.
 */
static int64_t
cpu_left_ms(const struct ts_watchdog *watchdog,
    const struct ts_connection *connection)
{
	uint64_t earned_s = watchdog->cpu_s +
	    connection->standing.moved_bytes / BYTES_PER_CPU_S;

	return (int64_t)(earned_s * 1000) -
	    ts_process_cpu_ns(connection->pid) / 1000000;
}

/* Looks again when it may have used all of it, at the soonest. */
static enum ts_kill_reason
judge_cpu(const struct ts_watchdog *watchdog,
    const struct ts_connection *connection, struct ts_monotime now,
    struct ts_monotime *next)
{
	int64_t left_ms;

	if (watchdog->cpu_s == TCPSERVER_NO_LIMIT)
		return TS_KILL_NONE;
	left_ms = cpu_left_ms(watchdog, connection);
	if (left_ms <= 0)
		return TS_KILL_PROCESSOR;
	if (left_ms < CPU_LOOK_MS)
		left_ms = CPU_LOOK_MS;
	if (left_ms > MOST_CPU_LOOK_MS)
		left_ms = MOST_CPU_LOOK_MS;
	*next = ts_monotime_earlier(*next,
	    ts_monotime_add_ms(now, (uint32_t)left_ms));
	return TS_KILL_NONE;
}

static enum ts_kill_reason
judge(struct ts_watchdog *watchdog, uint32_t id,
    struct ts_connection *connection, const struct ts_progress_sample *sample,
    struct ts_monotime now, struct ts_monotime *ret_next)
{
	struct ts_progress_limits limits = limits_of(watchdog, connection);
	struct ts_progress_verdict verdict =
	    ts_progress_judge(&connection->progress, &limits, sample, now);
	struct ts_monotime next = verdict.next;

	connection->is_gone = false;
	connection->standing.moved_bytes = moved_bytes(sample);
	ts_network_table_look(watchdog->networks, id,
	    connection->standing.moved_bytes, verdict.lags, now);
	if (watchdog->is_frequent)
		next =
		    ts_monotime_earlier(next, ts_monotime_add_ms(now, LOOK_MS));
	*ret_next = no_later_than_end(connection, next);
	return verdict.kill;
}

static enum ts_kill_reason
judge_connection(struct ts_watchdog *watchdog, uint32_t id,
    struct ts_connection *connection, struct ts_monotime now,
    struct ts_monotime *ret_next)
{
	struct ts_progress_sample sample;
	int r;

	*ret_next = connection->life_end;
	if (!is_watched(connection))
		return TS_KILL_NONE;
	r = ts_tcp_stats(connection->fd, &sample);
	if (r == 0)
		return judge(watchdog, id, connection, &sample, now, ret_next);
	if (r == -ENOTCONN)
		return judge_gone(watchdog, connection, now, ret_next);
	/* It cannot be told now: look later. */
	*ret_next = no_later_than_end(connection,
	    ts_monotime_add_ms(now, TS_PROGRESS_MOST_STEP_MS));
	return TS_KILL_NONE;
}

enum ts_kill_reason
ts_watchdog_look(struct ts_watchdog *watchdog, uint32_t id,
    struct ts_connection *connection, struct ts_monotime now,
    struct ts_monotime *ret_next)
{
	enum ts_kill_reason kill;

	if (ts_monotime_is_due(connection->life_end, now))
		return TS_KILL_LIFETIME;
	kill = judge_connection(watchdog, id, connection, now, ret_next);
	return kill != TS_KILL_NONE
	    ? kill
	    : judge_cpu(watchdog, connection, now, ret_next);
}

static void
report_overload(struct ts_watchdog *watchdog, uint32_t held, uint32_t slots,
    struct ts_monotime now)
{
	bool is_on = watchdog->overload.is_on;
	char text[SLOTS_TEXT_SIZE];

	(void)snprintf(text, sizeof(text), "%u of %u slots are held", held,
	    slots);
	watchdog->events->metrics->overload_switches++;
	ts_events_report(watchdog->events,
	    is_on ? TS_EVENT_OVERLOAD_BEGINS : TS_EVENT_OVERLOAD_ENDS,
	    is_on ? "overload begins" : "overload ends", text, now);
}

bool
ts_watchdog_update(struct ts_watchdog *watchdog, uint32_t held, uint32_t slots,
    struct ts_monotime now)
{
	bool was_frequent = watchdog->is_frequent;

	watchdog->is_frequent = (uint64_t)held * 4 >= (uint64_t)slots * 3;
	if (ts_stress_update(&watchdog->overload, held, slots))
		report_overload(watchdog, held, slots, now);
	return watchdog->is_frequent && !was_frequent;
}
