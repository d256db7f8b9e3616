/* SPDX-License-Identifier: MIT */
/* Connections that were refused, until they have heard it. */
#include "parent/lingering_close.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/fd.h"
#include "os/linger.h"

void
ts_farewell_init(struct ts_farewell *farewell, struct ts_poller *poller,
    uint64_t first_tag, const char *message)
{
	ts_slots_init(&farewell->slots, farewell->next, TS_FAREWELL_COUNT);
	ts_deadline_init(&farewell->deadline, farewell->heap, farewell->place,
	    TS_FAREWELL_COUNT);
	for (uint32_t i = 0; i < TS_FAREWELL_COUNT; i++)
		farewell->fds[i] = -1;
	farewell->poller = poller;
	farewell->first_tag = first_tag;
	farewell->message = message;
}

static void
end(struct ts_farewell *farewell, uint32_t index)
{
	/*
	 * Closing alone does not take it out of the poll set: a child that was
	 * forked just now may still have it open.
	 */
	if (farewell->fds[index] >= 0)
		ts_poller_remove(farewell->poller, farewell->fds[index]);
	ts_fd_close(&farewell->fds[index]);
	ts_deadline_clear(&farewell->deadline, index);
	ts_slots_remove(&farewell->slots, index);
}

void
ts_farewell_release(struct ts_farewell *farewell)
{
	for (uint32_t i = 0; i < TS_FAREWELL_COUNT; i++)
		if (farewell->fds[i] >= 0)
			end(farewell, i);
}

/*
 * Hears what has come, within *left_bytes.  Returns 0 when no more is to be
 * heard, or -EAGAIN.
 */
static int
hear_all(int fd, size_t *left_bytes)
{
	int n = 1;

	while (n > 0 && *left_bytes > 0) {
		n = ts_linger_drain(fd, *left_bytes);
		if (n > 0)
			*left_bytes -= (size_t)n;
	}
	return n == -EAGAIN ? -EAGAIN : 0;
}

void
ts_farewell_add(struct ts_farewell *farewell, int fd, struct ts_monotime now)
{
	size_t left_bytes = TS_LINGER_BYTES;
	uint32_t index;

	if (farewell->message != NULL)
		(void)send(fd, farewell->message, strlen(farewell->message),
		    MSG_DONTWAIT | MSG_NOSIGNAL);
	ts_linger_begin(fd);
	/* What is there already would make the close a reset. */
	if (hear_all(fd, &left_bytes) == 0) {
		(void)close(fd);
		return;
	}
	index = ts_slots_add(&farewell->slots);
	if (index == TS_SLOTS_NONE) {
		(void)close(fd);
		return;
	}
	farewell->left_bytes[index] = left_bytes;
	if (ts_fd_raise(&farewell->fds[index], fd, TS_FD_PARENT) < 0 ||
	    ts_poller_add(farewell->poller, farewell->fds[index],
		farewell->first_tag + index) < 0)
		end(farewell, index);
	else
		ts_deadline_set(&farewell->deadline, index,
		    ts_monotime_add_ms(now, TS_LINGER_MS));
}

void
ts_farewell_hear(struct ts_farewell *farewell, uint32_t index)
{
	if (farewell->fds[index] < 0)
		return;
	if (hear_all(farewell->fds[index], &farewell->left_bytes[index]) == 0)
		end(farewell, index);
}

void
ts_farewell_expire(struct ts_farewell *farewell, struct ts_monotime now)
{
	uint32_t index;

	for (;;) {
		index = ts_deadline_take_due(&farewell->deadline, now);
		if (index == TS_SLOTS_NONE)
			return;
		end(farewell, index);
	}
}
