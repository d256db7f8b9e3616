/* SPDX-License-Identifier: MIT */
/* What a process forbids itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <assert.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "forked.h"
#include "os/prctl.h"

static int
stay_low(void *arg)
{
	struct rlimit limit;

	(void)arg;
	assert(ts_selfrule_stay_low() == 0);
	assert(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	assert(prctl(PR_GET_DUMPABLE) == 0);
	assert(getrlimit(RLIMIT_CORE, &limit) == 0);
	assert(limit.rlim_cur == 0 && limit.rlim_max == 0);
	return 0;
}

static void
nothing_is_gained_and_nothing_is_dumped(void **state)
{
	(void)state;
	process_run(stay_low, NULL);
}

#define NO_MDWE 2

static int
gain_exec(void *arg)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)arg;
	if (ts_selfrule_refuse_exec_gain() == -EINVAL)
		return NO_MDWE;
	assert(mprotect(page, 4096, PROT_READ | PROT_EXEC) == -1);
	assert(errno == EACCES);
	return 0;
}

static void
no_memory_becomes_executable(void **state)
{
	int status;

	(void)state;
	status = process_wait(process_start(gain_exec, NULL), PROCESS_LIMIT_MS);
	if (status == NO_MDWE << 8) {
		print_message("PR_SET_MDWE is missing\n");
		skip();
	}
	assert_int_equal(status, 0);
}

/* The grandchild holds the pipe: it ends with whoever has that open. */
static int
start_one_that_dies_with_us(void *arg)
{
	const int *ends = arg;
	pid_t own = getpid();
	int ready[2];
	char c;

	assert(pipe2(ready, O_CLOEXEC) == 0);
	if (fork() == 0) {
		assert(ts_selfrule_die_with(own) == 0);
		assert(write(ready[1], "x", 1) == 1);
		while (pause() < 0)
			continue;
	}
	(void)close(ends[1]);
	assert(read(ready[0], &c, 1) == 1);
	return 0;
}

static void
who_dies_with_the_parent_does(void **state)
{
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	process_run(start_one_that_dies_with_us, ends);
	(void)close(ends[1]);
	/* The end: nobody has the other one open any more. */
	assert_true(process_has_input(ends[0], PROCESS_LIMIT_MS));
	(void)close(ends[0]);
}

static int
die_with_somebody_else(void *arg)
{
	(void)arg;
	assert(ts_selfrule_die_with(getppid()) == 0);
	/* As if it had ended before: this is our parent no more. */
	assert(ts_selfrule_die_with(getpid()) == -ESRCH);
	return 0;
}

static void
a_parent_that_has_ended_before_is_noticed(void **state)
{
	(void)state;
	process_run(die_with_somebody_else, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_gained_and_nothing_is_dumped),
		cmocka_unit_test(no_memory_becomes_executable),
		cmocka_unit_test(who_dies_with_the_parent_does),
		cmocka_unit_test(a_parent_that_has_ended_before_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
