/* SPDX-License-Identifier: MIT */
/* Filters: made of tables, and of names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <assert.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "forked.h"
#include "os/seccomp.h"

static void
this_kernel_is_asked(void **state)
{
	(void)state;
	assert_int_equal(ts_filter_probe(), 0);
}

static void
a_name_that_is_no_call_is_refused(void **state)
{
	static const char *const wrong[] = { "getcwd", "no_such_call", NULL };
	struct ts_filter filter = { .code = NULL };
	char before[PROCESS_FDS_SIZE];
	char after[PROCESS_FDS_SIZE];

	(void)state;
	process_list_fds(before);
	assert_int_equal(ts_filter_open(&filter, &ts_profile_stream, wrong),
	    -EINVAL);
	assert_null(filter.code);
	process_list_fds(after);
	assert_string_equal(before, after);
	ts_filter_close(&filter);
}

static int
call_one(void *arg)
{
	const char *const *more = arg;
	struct ts_filter filter;

	assert(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	assert(ts_filter_open(&filter, &ts_profile_stream, more) == 0);
	assert(ts_filter_attach(&filter) == 0);
	ts_filter_close(&filter);
	_exit(syscall(SYS_getppid) > 0 ? 0 : 1);
}

static void
a_call_that_is_named_is_let_through(void **state)
{
	/* The second one, which the profile has on conditions, as well. */
	static const char *more[] = { "getppid", "recvfrom", NULL };
	int status;

	(void)state;
	process_run(call_one, more);
	status = process_wait(process_start(call_one, NULL), PROCESS_LIMIT_MS);
	assert_int_equal(status & 0x7f, SIGSYS);
}

static int
attach_without_no_new_privs(void *arg)
{
	struct ts_filter filter;

	(void)arg;
	if (getuid() == 0)
		assert(setresuid(65534, 65534, 65534) == 0);
	assert(ts_filter_open(&filter, &ts_profile_stream, NULL) == 0);
	assert(ts_filter_attach(&filter) == -EACCES);
	ts_filter_close(&filter);
	return 0;
}

static void
a_filter_that_is_not_attached_is_said(void **state)
{
	(void)state;
	process_run(attach_without_no_new_privs, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(this_kernel_is_asked),
		cmocka_unit_test(a_name_that_is_no_call_is_refused),
		cmocka_unit_test(a_call_that_is_named_is_let_through),
		cmocka_unit_test(a_filter_that_is_not_attached_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
