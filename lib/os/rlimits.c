/* SPDX-License-Identifier: MIT */
/* How much a process may have at the most (setrlimit(2)). */
#include "os/rlimits.h"

#include <errno.h>

#include "os/sanitized.h"

#if TS_IS_SANITIZED
#define MEMORY_BYTES(bytes) RLIM_INFINITY
#else
#define MEMORY_BYTES(bytes) (bytes)
#endif

/* The limit of descriptors is the last one, and is set apart from the others.
 */
#define DESCRIPTORS (TS_LIMITS_COUNT - 1)

static const int resources[TS_LIMITS_COUNT] = {
	RLIMIT_NPROC,
	RLIMIT_FSIZE,
	RLIMIT_AS,
	RLIMIT_CPU,
	RLIMIT_NOFILE,
};

void
ts_limits_init(struct ts_limits *limits, uint64_t memory_bytes, uint64_t cpu_s,
    uint64_t descriptors)
{
	const struct rlimit wanted[TS_LIMITS_COUNT] = {
		{ 0, 0 },
		{ 0, 0 },
		{ MEMORY_BYTES(memory_bytes), MEMORY_BYTES(memory_bytes) },
		/* SIGXCPU first, which says why, and then SIGKILL. */
		{ cpu_s, cpu_s + 1 },
		{ descriptors, descriptors },
	};
	struct rlimit now;

	for (unsigned i = 0; i < TS_LIMITS_COUNT; i++) {
		limits->limits[i] = wanted[i];
		if (getrlimit(resources[i], &now) < 0 ||
		    now.rlim_max >= wanted[i].rlim_max)
			continue;
		limits->limits[i].rlim_max = now.rlim_max;
		if (now.rlim_max < wanted[i].rlim_cur)
			limits->limits[i].rlim_cur = now.rlim_max;
	}
}

int
ts_limits_set(const struct ts_limits *limits)
{
	for (unsigned i = 0; i < DESCRIPTORS; i++)
		if (setrlimit(resources[i], &limits->limits[i]) < 0)
			return -errno;
	return 0;
}

int
ts_limits_set_descriptors(const struct ts_limits *limits)
{
	if (setrlimit(RLIMIT_NOFILE, &limits->limits[DESCRIPTORS]) < 0)
		return -errno;
	return 0;
}

int
ts_limits_set_alone(void)
{
	const struct rlimit none = { 0, 0 };

	return setrlimit(RLIMIT_NPROC, &none) < 0 ? -errno : 0;
}
