/* SPDX-License-Identifier: MIT */
/* The lot: a process that holds the connections which have nothing to say. */
#include "helpers/parking_lot.h"

#include <errno.h>
#include <stdatomic.h>
#include <unistd.h>

#include "core/deadline.h"
#include "core/handoff.h"
#include "core/overload.h"
#include "os/arena.h"
#include "os/fd.h"
#include "os/fdpass.h"
#include "os/linger.h"
#include "os/peek.h"
#include "os/poller.h"
#include "os/process.h"
#include "os/signals.h"
#include "os/sock_addrs.h"

/* The tag of the channel; those of connections are their places. */
#define TAG_CHANNEL UINT64_MAX

/* A place: a connection (-1: none) and what goes with it. */
struct place {
	int fd;
	struct ts_monotime since;
	struct ts_parcel parcel;
};

struct lot {
	struct ts_poller poller;
	struct ts_slots slots;
	struct ts_holders holders;
	struct ts_deadline deadline;
	struct place *places;
	struct ts_srclimit limit;
	struct ts_stress stress;
	struct ts_lot_shared *shared;
	struct ts_table table;
};

static int
settle(int channel, int null_fd)
{
	const struct ts_spawn_move moves[] = {
		{ channel, TS_FD_CONNECTION },
		{ null_fd, STDIN_FILENO },
		{ null_fd, STDOUT_FILENO },
		{ null_fd, STDERR_FILENO },
	};

	ts_signals_block_all();
	return ts_spawn_settle(moves, 4, TS_FD_CONNECTION);
}

static size_t
room(uint32_t n)
{
	return ts_table_room(n, sizeof(struct place)) +
	    ts_table_room(n, sizeof(struct ts_deadline_entry)) +
	    2 * ts_table_room(n, sizeof(uint32_t)) +
	    ts_table_room(1, ts_holders_memory_bytes(n));
}

static int
open_lot(struct lot *lot)
{
	uint32_t n = lot->limit.all;
	struct ts_siphash_key key;
	int r;

	r = ts_spawn_secret(&key, sizeof(key));
	if (r < 0)
		return r;
	r = ts_table_open(&lot->table, room(n));
	if (r < 0)
		return r;
	lot->places = ts_table_take(&lot->table, n, sizeof(struct place));
	ts_deadline_init(&lot->deadline,
	    ts_table_take(&lot->table, n, sizeof(struct ts_deadline_entry)),
	    ts_table_take(&lot->table, n, sizeof(uint32_t)), n);
	ts_slots_init(&lot->slots,
	    ts_table_take(&lot->table, n, sizeof(uint32_t)), n);
	ts_holders_init(&lot->holders,
	    ts_table_take(&lot->table, 1, ts_holders_memory_bytes(n)), n, &key);
	for (uint32_t i = 0; i < n; i++)
		lot->places[i].fd = -1;
	r = ts_poller_open(&lot->poller);
	if (r < 0)
		return r;
	return ts_poller_add(&lot->poller, TS_FD_CONNECTION, TAG_CHANNEL);
}

/* The place is free again; the connection has been seen to. */
static void
leave(struct lot *lot, uint32_t index)
{
	/* Closing alone does not end it where somebody else has it, too. */
	ts_poller_remove(&lot->poller, lot->places[index].fd);
	ts_fd_close(&lot->places[index].fd);
	ts_deadline_clear(&lot->deadline, index);
	ts_holders_remove(&lot->holders, index);
	ts_slots_remove(&lot->slots, index);
	atomic_store(&lot->shared->parked, lot->slots.used);
}

/* Closes it in order: whoever waits idle is owed no more than the end. */
static void
dismiss(struct lot *lot, uint32_t index, _Atomic uint64_t *count)
{
	ts_linger_begin(lot->places[index].fd);
	leave(lot, index);
	atomic_fetch_add(count, 1);
}

/* How long it may wait is halved under stress, as a child's bounds are. */
static void
set_deadline(struct lot *lot, uint32_t index)
{
	const struct place *place = &lot->places[index];
	uint32_t ms = place->parcel.wait_ms;

	ts_deadline_set(&lot->deadline, index,
	    ts_monotime_add_ms(place->since, lot->stress.is_on ? ms / 2 : ms));
}

/*
 * As many places are taken as there are now.  A switch holds for all that are
 * parked; between two switches a fifth of all places has to change hands.
 */
static void
update_stress(struct lot *lot)
{
	if (!ts_stress_update(&lot->stress, lot->slots.used, lot->limit.all))
		return;
	atomic_store(&lot->shared->stress, lot->stress.is_on ? 1 : 0);
	for (uint32_t i = 0; i < lot->limit.all; i++)
		if (lot->places[i].fd >= 0)
			set_deadline(lot, i);
}

/* Whether there is a place for a connection from `source`, or is now. */
static bool
make_room(struct lot *lot, struct ts_source source, struct ts_monotime now)
{
	struct ts_srclimit_decision decision =
	    ts_srclimit_decide(&lot->limit, &lot->holders, source, now);

	if (decision.verdict == TS_SRCLIMIT_REPLACE)
		dismiss(lot, decision.victim, &lot->shared->evicted);
	return decision.verdict != TS_SRCLIMIT_REFUSE;
}

static void
park(struct lot *lot, int fd, const struct ts_parcel *parcel,
    struct ts_monotime now)
{
	struct ts_addr local;
	struct ts_addr peer;
	struct ts_source source;
	uint32_t index;

	if (ts_ends_of(fd, &peer, &local) < 0) {
		(void)close(fd);
		atomic_fetch_add(&lot->shared->gone, 1);
		return;
	}
	source = ts_addr_source(&peer);
	if (!make_room(lot, source, now)) {
		ts_linger_begin(fd);
		(void)close(fd);
		atomic_fetch_add(&lot->shared->refused, 1);
		return;
	}
	index = ts_slots_add(&lot->slots);
	lot->places[index].fd = fd;
	lot->places[index].parcel = *parcel;
	ts_holders_add(&lot->holders, index, source, now);
	lot->places[index].since = now;
	set_deadline(lot, index);
	atomic_store(&lot->shared->parked, lot->slots.used);
	if (ts_poller_add(&lot->poller, fd, index) < 0)
		dismiss(lot, index, &lot->shared->refused);
}

/* Takes what the parent brings.  Returns false when the parent is gone. */
static bool
take_in(struct lot *lot, struct ts_monotime now)
{
	struct ts_parcel parcel;
	pid_t pid;
	int fd;
	int r;

	for (;;) {
		r = ts_fdpass_receive(TS_FD_CONNECTION, &fd, &pid, &parcel,
		    sizeof(parcel));
		if (r == 1)
			park(lot, fd, &parcel, now);
		else if (r != -EBADMSG)
			return r == -EAGAIN || r == -EINTR;
	}
}

/* Its client has spoken, or gone. */
static void
attend(struct lot *lot, uint32_t index)
{
	struct place *place = &lot->places[index];

	if (place->fd < 0)
		return;
	switch (ts_word_of(place->fd)) {
	case TS_WORD_NONE:
		return;
	case TS_WORD_GONE:
		dismiss(lot, index, &lot->shared->gone);
		return;
	case TS_WORD_SPOKEN:
		break;
	}
	/* The parent always reads; and without it there is nothing to do. */
	if (ts_fdpass_send_waiting(TS_FD_CONNECTION, place->fd, &place->parcel,
		sizeof(place->parcel)) < 0) {
		dismiss(lot, index, &lot->shared->refused);
		return;
	}
	leave(lot, index);
	atomic_fetch_add(&lot->shared->resumed, 1);
}

static void
expire(struct lot *lot, struct ts_monotime now)
{
	uint32_t index;

	for (;;) {
		index = ts_deadline_take_due(&lot->deadline, now);
		if (index == TS_SLOTS_NONE)
			return;
		dismiss(lot, index, &lot->shared->expired);
	}
}

static void
serve(struct lot *lot)
{
	struct ts_poller_round round;

	for (;;) {
		if (ts_poller_wait(&lot->poller,
			ts_deadline_next(&lot->deadline), &round) < 0)
			return;
		for (unsigned i = 0; i < round.count; i++)
			if (round.tags[i] != TAG_CHANNEL)
				attend(lot, (uint32_t)round.tags[i]);
			else if (!take_in(lot, round.now))
				return;
		update_stress(lot);
		expire(lot, round.now);
	}
}

void
ts_lot_run(int channel, int null_fd, const struct ts_srclimit *limit,
    struct ts_lot_shared *shared, const struct ts_jail *jail)
{
	struct lot lot = { .limit = *limit, .shared = shared };

	if (ts_jail_confine(jail, TS_JAIL_LOT) < 0 ||
	    settle(channel, null_fd) < 0 || open_lot(&lot) < 0 ||
	    ts_jail_seal(jail, TS_JAIL_LOT) < 0)
		_exit(1);
	serve(&lot);
	for (uint32_t i = 0; i < lot.limit.all; i++)
		if (lot.places[i].fd >= 0)
			dismiss(&lot, i, &lot.shared->expired);
	_exit(0);
}
