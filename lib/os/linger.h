/* SPDX-License-Identifier: MIT */
/*
 * Closing in order: what was written arrives.
 *
 * A socket that is closed while input is unread sends a reset, and a reset
 * throws away what the peer has not yet read.  So: say that we are through,
 * then hear the peer out, within bounds, until it is through as well.
 */
#ifndef TS_OS_LINGER_H
#define TS_OS_LINGER_H

#include <stdbool.h>
#include <stddef.h>

/* How much is read and discarded of a peer that does not close. */
#define TS_LINGER_BYTES ((size_t)65536)

/* We are through: the rest is sent, then the end (FIN). */
void ts_linger_begin(int fd);

/*
 * Throws away what has come, at most `most_bytes`, without copying it or
 * waiting for more.
 * Returns the number of bytes, 0 when the peer is through, -EAGAIN when there
 * is nothing now, or what recv(2) says.
 */
int ts_linger_drain(int fd, size_t most_bytes);

/*
 * Whether all that was sent has arrived, and our end too, so far as is known;
 * or there is nobody at whom it could.
 */
bool ts_linger_has_arrived(int fd);

/*
 * The close of this connection is a reset, and does not wait, whatever the
 * process that had it has set (SO_LINGER).
 */
void ts_linger_cut(int fd);

/*
 * A connection that somebody else had is again as it was born: its close is a
 * reset, at once, and nothing that was set on it outlives who did so.
 */
void ts_linger_renew(int fd);

#endif
