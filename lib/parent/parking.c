/* SPDX-License-Identifier: MIT */
/* The parent's side of parking: what goes to the lot, and what comes back. */
#include "parent/parking.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/arena.h"
#include "os/fd.h"
#include "os/fdpass.h"
#include "os/linger.h"
#include "os/process.h"
#include "os/sock_addrs.h"

#define RETRY_MS 1000
#define CLOSE_MS 1000
/* More than the queue holds, which is bounded (net.core.wmem_default). */
#define ARRIVALS_MOST 512

static int
start(struct ts_parking *parking)
{
	int ends[2];
	pid_t pid;
	int r;

	r = ts_fdpass_open(ends);
	if (r < 0)
		return r;
	r = ts_poller_add(parking->poller, ends[1], parking->tags.lot);
	if (r < 0)
		goto fail;
	/* The lot's counts are its own and the parent's, no child's. */
	ts_table_share(parking->shared, sizeof(*parking->shared), true);
	pid = ts_spawn();
	ts_table_share(parking->shared, sizeof(*parking->shared), false);
	if (pid == 0)
		ts_lot_run(ends[0], parking->null_fd, &parking->limit,
		    parking->shared, parking->jail);
	r = pid;
	if (pid < 0)
		goto fail;
	(void)close(ends[0]);
	parking->lot_fd = ends[1];
	parking->pid = pid;
	parking->retry_at = TS_MONOTIME_NEVER;
	return 0;
fail:
	(void)close(ends[0]);
	(void)close(ends[1]);
	return r;
}

int
ts_parking_open(struct ts_parking *parking,
    const struct tcpserver_options *options)
{
	uint32_t n = options->max_parked;
	void *page;
	int ends[2];
	int r;

	parking->limit = (struct ts_srclimit){
		.all = n,
		.source = n > 4 ? n / 4 : 1,
		.group = n > 2 ? n / 2 : 1,
	};
	parking->idle_ms = options->idle_ms;
	/* The lot's are inherited; and on their way they count as our own. */
	ts_spawn_raise_descriptors();
	r = ts_table_open_shared(&page, sizeof(struct ts_lot_shared));
	if (r < 0)
		return r;
	parking->shared = page;
	r = ts_fdpass_open(ends);
	if (r < 0)
		goto fail;
	parking->children_fd = ends[0];
	parking->arrivals_fd = ends[1];
	r = ts_poller_add(parking->poller, parking->arrivals_fd,
	    parking->tags.children);
	if (r == 0)
		r = start(parking);
	if (r == 0)
		return 0;
fail:
	ts_parking_close(parking);
	return r;
}

void
ts_parking_close(struct ts_parking *parking)
{
	if (parking->shared == NULL)
		return;
	ts_fd_close(&parking->lot_fd);
	ts_fd_close(&parking->children_fd);
	ts_fd_close(&parking->arrivals_fd);
	if (parking->pid > 0)
		ts_spawn_end(parking->pid, CLOSE_MS);
	parking->pid = 0;
	ts_table_close_shared(parking->shared, sizeof(struct ts_lot_shared));
	parking->shared = NULL;
}

int
ts_parking_send(struct ts_parking *parking, int fd,
    const struct ts_parcel *parcel)
{
	if (parking->lot_fd < 0)
		return -ECONNREFUSED;
	return ts_fdpass_send(parking->lot_fd, fd, parcel, sizeof(*parcel));
}

int
ts_parking_take(struct ts_parking *parking,
    struct ts_connection *ret_connection)
{
	struct ts_connection *c = ret_connection;
	pid_t pid;
	int r;

	*c = (struct ts_connection){ .fd = -1 };
	if (parking->lot_fd < 0)
		return 0;
	do {
		r = ts_fdpass_receive(parking->lot_fd, &c->fd, &pid, &c->parcel,
		    sizeof(c->parcel));
		if (r == 1 && ts_ends_of(c->fd, &c->peer, &c->local) < 0) {
			/* Its client has gone on the way. */
			(void)close(c->fd);
			r = -EBADMSG;
		}
	} while (r == -EBADMSG);
	return r == 1 ? 1 : 0;
}

void
ts_parking_stop(struct ts_parking *parking, struct ts_monotime now)
{
	parking->is_stopping = true;
	/* Both ways, which makes an end of what is in the queue. */
	(void)shutdown(parking->arrivals_fd, SHUT_RDWR);
	ts_parking_take_arrivals(parking, now);
	if (parking->lot_fd >= 0)
		(void)shutdown(parking->lot_fd, SHUT_RDWR);
}

int
ts_parking_heed(struct ts_parking *parking)
{
	int r;

	if (parking->lot_fd < 0)
		return 0;
	r = ts_poller_add(parking->poller, parking->lot_fd, parking->tags.lot);
	return r == -EEXIST ? 0 : r;
}

void
ts_parking_ignore(struct ts_parking *parking)
{
	if (parking->lot_fd >= 0)
		ts_poller_remove(parking->poller, parking->lot_fd);
}

static bool
is_same_end(const struct ts_addr *a, const struct ts_addr *b)
{
	return a->kind == b->kind && a->port == b->port &&
	    memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/*
 * Whether `fd` is the connection that child `index` was given.  While the
 * child has it open there is no other with the same two ends.
 */
static bool
is_its_own(const struct ts_brood *brood, uint32_t index, int fd)
{
	const struct ts_sockdiag_id *id;
	struct ts_addr local;
	struct ts_addr peer;

	if (index == TS_SLOTS_NONE || ts_ends_of(fd, &peer, &local) < 0)
		return false;
	id = &brood->watched[index].id;
	return peer.kind != TS_ADDR_LOCAL && is_same_end(&peer, &id->peer) &&
	    is_same_end(&local, &id->local);
}

static void
refuse(struct ts_parking *parking, pid_t pid, struct ts_monotime now)
{
	uint32_t index = ts_children_find(&parking->brood->children, pid);
	uint64_t unsaid;

	parking->metrics->false_parcels++;
	if (index != TS_SLOTS_NONE)
		ts_brood_kill(parking->brood, index, TS_CHILD_DISMISSED);
	if (ts_loglimit_hit(&parking->said, now, &unsaid))
		ts_logger_say(parking->logger,
		    "child %d handed over what is not its own (and %llu before)",
		    pid, (unsigned long long)unsaid);
}

/* Where it cannot wait, its end is in order, if all that was sent is there. */
static void
close_in_order(int fd)
{
	if (ts_linger_has_arrived(fd))
		ts_linger_begin(fd);
}

void
ts_parking_pass_on(struct ts_parking *parking, int fd, struct ts_parcel *parcel)
{
	ts_linger_renew(fd);
	parcel->is_resumed = 1;
	parcel->wait_ms = parking->idle_ms;
	if (parcel->is_closing != 0) {
		close_in_order(fd);
	} else if (ts_parking_send(parking, fd, parcel) < 0) {
		parking->metrics->unparked++;
		ts_linger_begin(fd);
	}
	(void)close(fd);
}

/* Kept with its child until that has ended, or refused. */
static void
arrive(struct ts_parking *parking, pid_t pid, int fd,
    const struct ts_parcel *parcel, struct ts_monotime now)
{
	struct ts_brood *brood = parking->brood;
	uint32_t index = ts_children_find(&brood->children, pid);
	struct ts_watched *watched;

	if (ts_parcel_is_sound(parcel, parking->listeners) &&
	    is_its_own(brood, index, fd) &&
	    brood->watched[index].handed_fd < 0) {
		watched = &brood->watched[index];
		watched->handed_fd = fd;
		watched->parcel = *parcel;
		return;
	}
	refuse(parking, pid, now);
	ts_linger_renew(fd);
	(void)close(fd);
}

/* Nobody can hand over anything any more: all is closed in order instead. */
static void
arrivals_have_ended(struct ts_parking *parking)
{
	ts_poller_remove(parking->poller, parking->arrivals_fd);
	ts_fd_close(&parking->arrivals_fd);
	if (!parking->is_stopping)
		ts_logger_say(parking->logger,
		    "the way to hand connections over was shut: none is "
		    "parked from here on");
}

void
ts_parking_take_arrivals(struct ts_parking *parking, struct ts_monotime now)
{
	struct ts_parcel parcel;
	pid_t pid;
	int fd;
	int r = -EAGAIN;

	if (parking->arrivals_fd < 0)
		return;
	/* Whoever sends without end is killed, but others have a turn first. */
	for (unsigned i = 0; i < ARRIVALS_MOST; i++) {
		r = ts_fdpass_receive(parking->arrivals_fd, &fd, &pid, &parcel,
		    sizeof(parcel));
		if (r == 1)
			arrive(parking, pid, fd, &parcel, now);
		else if (r == -EBADMSG)
			refuse(parking, pid, now);
		else
			break;
	}
	if (r == 0)
		arrivals_have_ended(parking);
	/* What a handler has left is nobody else's: not even on this stack. */
	explicit_bzero(&parcel, sizeof(parcel));
}

void
ts_parking_died(struct ts_parking *parking, struct ts_monotime now)
{
	uint64_t lost = atomic_exchange(&parking->shared->parked, 0);

	atomic_store(&parking->shared->stress, 0);
	parking->pid = 0;
	ts_fd_close(&parking->lot_fd);
	parking->metrics->lots_died++;
	parking->metrics->lost_parked += lost;
	parking->retry_at = ts_monotime_add_ms(now, RETRY_MS);
	ts_logger_say(parking->logger,
	    "the lot has died, and %llu parked connections with it",
	    (unsigned long long)lost);
}

void
ts_parking_restart_if_due(struct ts_parking *parking, struct ts_monotime now)
{
	if (!ts_monotime_is_due(parking->retry_at, now))
		return;
	if (start(parking) < 0)
		parking->retry_at = ts_monotime_add_ms(now, RETRY_MS);
}
