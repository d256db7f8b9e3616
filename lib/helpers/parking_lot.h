/* SPDX-License-Identifier: MIT */
/*
 * The lot: a process that holds the connections which have nothing to say.
 *
 * They come from the parent and go back to it as soon as their clients speak;
 * until then each costs a descriptor and a place in a table, and no process.
 * The lot has limits and deadlines of its own, by the same rule of fairness;
 * while nearly all of its places are taken, the deadlines are halved.  It never
 * reads a client's byte.
 */
#ifndef TS_HELPERS_PARKING_LOT_H
#define TS_HELPERS_PARKING_LOT_H

#include <stdint.h>

#include "core/srclimit.h"
#include "jail/jail.h"

/* Counts that the lot keeps, and the parent reads. */
struct ts_lot_shared {
	/* How many are parked now. */
	_Atomic uint64_t parked;
	/* 1 while the times they may wait are halved, else 0. */
	_Atomic uint64_t stress;
	/* What became of those that were. */
	_Atomic uint64_t resumed;
	_Atomic uint64_t gone;
	_Atomic uint64_t expired;
	_Atomic uint64_t evicted;
	_Atomic uint64_t refused;
};

/*
 * What the lot does: serves the parent at the other end of `channel` until
 * that is gone, then closes all in order.  `null_fd` becomes its 0 to 2.
 * Ends the process.
 */
_Noreturn void ts_lot_run(int channel, int null_fd,
    const struct ts_srclimit *limit, struct ts_lot_shared *shared,
    const struct ts_jail *jail);

#endif
