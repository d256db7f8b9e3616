/* SPDX-License-Identifier: MIT */
/*
 * Closes a connection in order, in its child: half-close, then wait until all
 * that was sent has been acknowledged, as long as that takes, so that the
 * parent can still judge the client; then until the client closes as well.
 */
#ifndef TS_CHILD_ORDERLY_CLOSE_H
#define TS_CHILD_ORDERLY_CLOSE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Waits for the client to close for at most `linger_ms` after everything was
 * acknowledged, reading and discarding at most TS_LINGER_BYTES; and no longer
 * than until the parent asks for the slot.
 * Returns whether nothing is left to wait for.
 */
bool ts_orderly_close(int fd, uint32_t linger_ms);

#endif
