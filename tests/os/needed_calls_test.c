/* SPDX-License-Identifier: MIT */
/* System calls that a server cannot do without. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "forked.h"
#include "os/needed_calls.h"

/* A number that no architecture has. */
#define NO_CALL 100000

static int
try_all(void *arg)
{
	const char *name = NULL;
	char before[PROCESS_FDS_SIZE];
	char after[PROCESS_FDS_SIZE];

	(void)arg;
	process_list_fds(before);
	if (ts_needed_calls_try(ts_needed_by_servers, &name) < 0 ||
	    ts_needed_calls_try(ts_needed_by_files, &name) < 0)
		print_message("%s\n", name);
	process_list_fds(after);
	return name != NULL || strcmp(before, after) != 0;
}

static void
this_kernel_has_all_and_trying_them_changes_nothing(void **state)
{
	(void)state;
	process_run(try_all, NULL);
}

static void
the_first_that_is_missing_is_named(void **state)
{
	const struct ts_needed_call calls[] = {
		{ .name = "first", .number = NO_CALL, .expected = ENOSYS },
		{ .name = "second", .number = NO_CALL, .expected = EBADF },
		{ .name = "third", .number = NO_CALL, .expected = EBADF },
		{ .name = NULL },
	};
	const char *name = NULL;

	(void)state;
	assert_int_equal(ts_needed_calls_try(calls, &name), -ENOSYS);
	assert_string_equal(name, "second");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    this_kernel_has_all_and_trying_them_changes_nothing),
		cmocka_unit_test(the_first_that_is_missing_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
