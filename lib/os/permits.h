/* SPDX-License-Identifier: MIT */
/* Turns: what only so many processes may do at the same time. */
#ifndef TS_OS_PERMITS_H
#define TS_OS_PERMITS_H

#include <stdint.h>

/*
 * Opens the file of which each byte is a turn: an empty one in memory, which
 * stays empty, at a number for the parent.  The processes that share it take
 * turns; each of them loses its turn when it ends, or closes any descriptor
 * of this file.
 * Fails with what memfd_create(2) or fcntl(2) says.
 */
int ts_turns_open(int *ret_fd);

/*
 * Takes one of `count` turns for this process, which must not have one;
 * where all are taken, looks again now and then, for `timeout_ms`, while the
 * connection is there.  Signals do not end that.
 * Returns 1 with a turn, 0 when the time is over, -ECONNRESET when the
 * connection has ended both ways, or what fcntl(2) says.
 */
int ts_turns_take(int fd, uint32_t count, uint32_t timeout_ms,
    int connection_fd);

/* Gives the turn back that this process has, if it has one. */
void ts_turns_end(int fd);

#endif
