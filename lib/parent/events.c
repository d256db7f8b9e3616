/* SPDX-License-Identifier: MIT */
/* Reports what happens to connections. */
#include "parent/events.h"

#include <stdio.h>

static const char *const refusal_texts[TS_REFUSALS] = {
	[TS_REFUSAL_WAITED] = "no slot became free in time",
	[TS_REFUSAL_CROWDED] = "too many wait, most of them from its networks",
	[TS_REFUSAL_LIMIT] = "its source holds as many slots as it may",
	[TS_REFUSAL_PENALTY] = "its source is under penalty",
	[TS_REFUSAL_FORK] = "no process could be started",
};

/* Logs one line, unless its kind was logged within the last minute. */
static void
log_limited(struct ts_events *events, struct ts_loglimit *limit,
    const char *what, const char *about, struct ts_monotime now)
{
	uint64_t suppressed;

	if (!ts_loglimit_hit(limit, now, &suppressed))
		return;
	if (suppressed == 0)
		ts_logger_say(events->logger, "%s: %s", what, about);
	else
		ts_logger_say(events->logger, "%s: %s (and %llu times before)",
		    what, about, (unsigned long long)suppressed);
}

static void
source_text(const struct ts_connection *connection,
    char text[TS_NETWORK_TEXT_SIZE])
{
	ts_network_format(ts_chain_source(&connection->chain), text);
}

void
ts_events_refused(struct ts_events *events,
    const struct ts_connection *connection, enum ts_refusal refusal,
    struct ts_monotime now)
{
	char source[TS_NETWORK_TEXT_SIZE];
	char what[TS_NETWORK_TEXT_SIZE + 16];

	events->metrics->refused[refusal]++;
	source_text(connection, source);
	(void)snprintf(what, sizeof(what), "refused %s", source);
	log_limited(events, &events->refusals[refusal], what,
	    refusal_texts[refusal], now);
}

void
ts_events_killed(struct ts_events *events,
    const struct ts_connection *connection, enum ts_kill_reason reason,
    const struct ts_connection *for_whom, struct ts_monotime now)
{
	char source[TS_NETWORK_TEXT_SIZE];
	char newcomer[TS_NETWORK_TEXT_SIZE];
	char what[TS_NETWORK_TEXT_SIZE + 16];
	char about[TS_NETWORK_TEXT_SIZE + 64];

	if (reason == TS_KILL_STOPPED)
		return;
	source_text(connection, source);
	(void)snprintf(what, sizeof(what), "reset %s", source);
	(void)snprintf(about, sizeof(about), "%s", ts_kill_reason_text(reason));
	if (for_whom != NULL) {
		source_text(for_whom, newcomer);
		(void)snprintf(about, sizeof(about), "%s, %s",
		    ts_kill_reason_text(reason), newcomer);
	}
	log_limited(events, &events->kills[reason], what, about, now);
}

void
ts_events_report(struct ts_events *events, enum ts_event event,
    const char *what, const char *about, struct ts_monotime now)
{
	log_limited(events, &events->events[event], what, about, now);
}

void
ts_events_report_connection(struct ts_events *events, enum ts_event event,
    const char *what, const struct ts_connection *connection,
    struct ts_monotime now)
{
	char source[TS_NETWORK_TEXT_SIZE];

	source_text(connection, source);
	log_limited(events, &events->events[event], what, source, now);
}
