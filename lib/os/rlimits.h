/* SPDX-License-Identifier: MIT */
/* How much a process may have at the most (setrlimit(2)). */
#ifndef TS_OS_RLIMITS_H
#define TS_OS_RLIMITS_H

#include <stdint.h>
#include <sys/resource.h>

#define TS_LIMITS_COUNT 5

/* Worked out once, set in many processes. */
struct ts_limits {
	struct rlimit limits[TS_LIMITS_COUNT];
};

/*
 * Works out the limits of a process that starts no other and writes no file:
 * so much memory, processor time and so many descriptors, or what is allowed
 * here already where that is less.  Under a sanitizer, which takes terabytes
 * of addresses, memory has no limit.
 */
void ts_limits_init(struct ts_limits *limits, uint64_t memory_bytes,
    uint64_t cpu_s, uint64_t descriptors);

/*
 * Sets all limits but that of descriptors.  Fails with what setrlimit(2) says.
 */
int ts_limits_set(const struct ts_limits *limits);

/*
 * Sets the limit of descriptors.  Nothing can be put at a number above it from
 * then on; descriptors that stand there already stay open.
 * Fails with what setrlimit(2) says.
 */
int ts_limits_set_descriptors(const struct ts_limits *limits);

/* It starts no other process: that alone. */
int ts_limits_set_alone(void);

#endif
