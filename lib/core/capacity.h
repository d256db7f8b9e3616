/* SPDX-License-Identifier: MIT */
/* How many clients can be served at a time, by what the machine allows. */
#ifndef TS_CORE_CAPACITY_H
#define TS_CORE_CAPACITY_H

#include <stdint.h>

/* No limit is known. */
#define TS_MACHINE_UNLIMITED UINT64_MAX

/* What a process of this machine may have. */
struct ts_machine {
	/* Its memory, or the least limit of its control groups; 0: unknown. */
	uint64_t memory_bytes;
	/* The least limit of tasks of its control groups (pids.max). */
	uint64_t tasks;
	/* RLIMIT_NPROC. */
	uint64_t user_processes;
	/* RLIMIT_NOFILE, the hard limit. */
	uint64_t descriptors;
};

/* The fewest slots that lack of memory leads to, and the most there are. */
#define TS_CAPACITY_LEAST 64
#define TS_CAPACITY_MOST 4096

/*
 * How many slots to have: an eighth of the memory, at 128 KiB each, between
 * TS_CAPACITY_LEAST and TS_CAPACITY_MOST; fewer, but at least 1, where as many
 * children as ts_admission_most_held() says, and the server's own 16 processes,
 * would be more than `tasks` or `user_processes`, or their connections more
 * than `descriptors`.
 */
uint32_t ts_capacity_slots(const struct ts_machine *machine);

#endif
