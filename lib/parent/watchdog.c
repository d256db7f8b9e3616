/* SPDX-License-Identifier: MIT */
/* Watching the children's connections from outside; part of the brood. */
#include "parent/children.h"

#include <errno.h>

static uint32_t
smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/*
 * The first look comes when the first bound could be passed, or the first
 * credit used up: what is over by then is never looked at.
 */
static uint32_t
first_look_ms(const struct ts_brood *brood)
{
	uint32_t ms = smaller(TS_PROGRESS_CREDIT_MS, brood->bounds.idle_ms);

	if (brood->client_speaks_first)
		ms = smaller(ms, brood->bounds.first_byte_ms);
	return brood->bounds.is_stressed ? ms / 2 : ms;
}

static struct ts_monotime
end_of_life(const struct ts_brood *brood, struct ts_monotime now)
{
	if (brood->lifetime_ms == TCPSERVER_NO_LIMIT)
		return TS_MONOTIME_NEVER;
	return ts_monotime_add_ms(now, brood->lifetime_ms);
}

static void
look_again(struct ts_brood *brood, uint32_t index, struct ts_monotime when)
{
	ts_deadline_set(&brood->deadline, index,
	    ts_monotime_earlier(when, brood->watched[index].end));
}

void
ts_brood_watch_begin(struct ts_brood *brood, uint32_t index,
    const struct ts_connection *connection, struct ts_monotime now)
{
	struct ts_watched *watched = &brood->watched[index];
	struct ts_progress_sample before;
	bool is_resumed;
	struct ts_monotime first =
	    ts_monotime_add_ms(now, first_look_ms(brood));

	*watched = (struct ts_watched){
		.end = end_of_life(brood, now),
		.handed_fd = -1,
	};
	(void)ts_sockdiag_identify(connection->fd, &connection->peer,
	    &connection->local, &watched->id);
	/* One that was served before has moved something before. */
	is_resumed = connection->parcel.is_resumed != 0 &&
	    ts_sockdiag_own(connection->fd, &before) == 0;
	ts_progress_init(&watched->progress, now, is_resumed ? &before : NULL,
	    brood->client_speaks_first && !is_resumed);
	/* The kernel has no such figures of a unix socket. */
	if (connection->peer.kind == TS_ADDR_LOCAL)
		first = TS_MONOTIME_NEVER;
	look_again(brood, index, first);
}

/* Of a connection that is no more, nothing moves: its child has to end. */
static void
gone(struct ts_brood *brood, uint32_t index, struct ts_monotime now)
{
	struct ts_watched *watched = &brood->watched[index];
	uint32_t idle_ms = brood->bounds.idle_ms;

	if (watched->is_gone) {
		ts_brood_kill(brood, index, TS_CHILD_IDLE);
		return;
	}
	watched->is_gone = idle_ms != TCPSERVER_NO_LIMIT;
	look_again(brood, index,
	    ts_monotime_add_ms(now,
		watched->is_gone ? idle_ms : TS_PROGRESS_MOST_STEP_MS));
}

static void
look(struct ts_brood *brood, uint32_t index, struct ts_monotime now)
{
	struct ts_watched *watched = &brood->watched[index];
	struct ts_progress_sample sample;
	enum ts_child_sentence sentence;
	struct ts_monotime next;
	int r;

	if (ts_monotime_is_due(watched->end, now)) {
		ts_brood_kill(brood, index, TS_CHILD_LIFETIME);
		return;
	}
	r = ts_sockdiag_look(brood->sockdiag, &watched->id, &sample);
	if (r == -ENOENT) {
		gone(brood, index, now);
		return;
	}
	if (r < 0) {
		/* No memory to say: look later. */
		look_again(brood, index,
		    ts_monotime_add_ms(now, TS_PROGRESS_MOST_STEP_MS));
		return;
	}
	watched->is_gone = false;
	ts_holders_credit(&brood->holders, index,
	    sample.received_bytes + sample.acknowledged_bytes);
	sentence = ts_progress_judge(&watched->progress, &brood->bounds,
	    &sample, now, &next);
	if (sentence == TS_CHILD_LIVES)
		look_again(brood, index, next);
	else
		ts_brood_kill(brood, index, sentence);
}

void
ts_brood_watch(struct ts_brood *brood, struct ts_monotime now)
{
	uint32_t index;

	for (;;) {
		index = ts_deadline_take_due(&brood->deadline, now);
		if (index == TS_SLOTS_NONE)
			return;
		look(brood, index, now);
	}
}

static void
say_stress(struct ts_brood *brood, struct ts_monotime now)
{
	bool is_on = brood->stress.is_on;
	uint64_t unsaid;

	if (ts_loglimit_hit(&brood->said_stress[is_on], now, &unsaid))
		ts_logger_say(brood->logger,
		    "stress %s: %u of %u places are taken (and %llu before)",
		    is_on ? "begins" : "ends", brood->holders.count,
		    brood->limit.all, (unsigned long long)unsaid);
}

void
ts_brood_update_stress(struct ts_brood *brood, struct ts_monotime now)
{
	if (!ts_stress_update(&brood->stress, brood->holders.count,
		brood->limit.all))
		return;
	brood->metrics->stress_switches++;
	brood->bounds.is_stressed = brood->stress.is_on;
	brood->context.is_stressed = brood->stress.is_on;
	say_stress(brood, now);
}
