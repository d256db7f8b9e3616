/* SPDX-License-Identifier: MIT */
/* Limits: what is wanted, and never more than is allowed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <assert.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "forked.h"
#include "os/rlimits.h"
#include "os/sanitized.h"

#define MEMORY_BYTES (UINT64_C(1) << 28)
#define CPU_S 7
#define DESCRIPTORS 40
#define NOBODY 65534

static void
expect(int resource, rlim_t soft, rlim_t hard)
{
	struct rlimit limit;

	assert(getrlimit(resource, &limit) == 0);
	assert(limit.rlim_cur == soft && limit.rlim_max == hard);
}

static int
set_all(void *arg)
{
	rlim_t memory = TS_IS_SANITIZED ? RLIM_INFINITY : MEMORY_BYTES;
	struct ts_limits limits;
	struct rlimit before;

	(void)arg;
	ts_limits_init(&limits, MEMORY_BYTES, CPU_S, DESCRIPTORS);
	assert(getrlimit(RLIMIT_NOFILE, &before) == 0);
	assert(ts_limits_set(&limits) == 0);
	/* Descriptors may still be put at their numbers. */
	expect(RLIMIT_NOFILE, before.rlim_cur, before.rlim_max);
	assert(ts_limits_set_descriptors(&limits) == 0);
	expect(RLIMIT_NPROC, 0, 0);
	expect(RLIMIT_FSIZE, 0, 0);
	expect(RLIMIT_AS, memory, memory);
	expect(RLIMIT_CPU, CPU_S, CPU_S + 1);
	expect(RLIMIT_NOFILE, DESCRIPTORS, DESCRIPTORS);
	return 0;
}

static void
what_is_wanted_is_set(void **state)
{
	(void)state;
	process_run(set_all, NULL);
}

/* Where less is allowed already, asking for more would fail. */
static int
set_where_less_is_allowed(void *arg)
{
	const struct rlimit few = { 20, 25 };
	const struct rlimit short_time = { 3, 5 };
	struct ts_limits limits;

	(void)arg;
	assert(setrlimit(RLIMIT_NOFILE, &few) == 0);
	assert(setrlimit(RLIMIT_CPU, &short_time) == 0);
	if (getuid() == 0)
		assert(setresuid(NOBODY, NOBODY, NOBODY) == 0);
	ts_limits_init(&limits, MEMORY_BYTES, CPU_S, DESCRIPTORS);
	assert(ts_limits_set(&limits) == 0);
	assert(ts_limits_set_descriptors(&limits) == 0);
	expect(RLIMIT_NOFILE, 25, 25);
	expect(RLIMIT_CPU, 5, 5);
	return 0;
}

static void
what_is_allowed_is_not_exceeded(void **state)
{
	(void)state;
	process_run(set_where_less_is_allowed, NULL);
}

static int
start_another(void *arg)
{
	bool alone = *(const bool *)arg;
	struct ts_limits limits;
	pid_t pid;

	ts_limits_init(&limits, MEMORY_BYTES, CPU_S, DESCRIPTORS);
	/* For the superuser this limit means nothing. */
	if (getuid() == 0)
		assert(setresuid(NOBODY, NOBODY, NOBODY) == 0);
	assert((alone ? ts_limits_set_alone() : ts_limits_set(&limits)) == 0);
	pid = fork();
	if (pid == 0)
		_exit(0);
	assert(pid == -1 && errno == EAGAIN);
	return 0;
}

static void
no_other_process_is_started(void **state)
{
	bool alone = false;

	(void)state;
	process_run(start_another, &alone);
	alone = true;
	process_run(start_another, &alone);
}

static int
write_a_file(void *arg)
{
	struct ts_limits limits;
	int fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	(void)arg;
	assert(fd >= 0);
	ts_limits_init(&limits, MEMORY_BYTES, CPU_S, DESCRIPTORS);
	assert(ts_limits_set(&limits) == 0);
	(void)signal(SIGXFSZ, SIG_IGN);
	assert(write(fd, "x", 1) == -1 && errno == EFBIG);
	return 0;
}

static void
no_file_is_written(void **state)
{
	(void)state;
	process_run(write_a_file, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wanted_is_set),
		cmocka_unit_test(what_is_allowed_is_not_exceeded),
		cmocka_unit_test(no_other_process_is_started),
		cmocka_unit_test(no_file_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
