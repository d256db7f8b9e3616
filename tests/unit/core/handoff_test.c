/* SPDX-License-Identifier: MIT */
/* What of a parcel is believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <tcpserver.h>

#include "core/handoff.h"

#define LISTENERS 3

static const struct {
	struct ts_parcel parcel;
	bool is_sound;
} cases[] = {
	{ { .state_bytes = 0 }, true },
	{ { .state_bytes = 64, .listener = 2, .is_resumed = 1 }, true },
	/* Any time to wait: it is not the child's to say. */
	{ { .wait_ms = UINT32_MAX }, true },
	{ { .state_bytes = 65 }, false },
	{ { .state_bytes = UINT32_MAX }, false },
	{ { .listener = 3 }, false },
	{ { .listener = UINT32_MAX }, false },
	{ { .is_resumed = 2 }, false },
	{ { .is_resumed = UINT32_MAX }, false },
};

static void
only_what_is_sound_is_believed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (ts_parcel_is_sound(&cases[i].parcel, LISTENERS) !=
		    cases[i].is_sound)
			fail_msg("case %zu", i);
}

static void
there_is_no_listener_where_there_are_none(void **state)
{
	const struct ts_parcel parcel = { .listener = 0 };

	(void)state;
	assert_false(ts_parcel_is_sound(&parcel, 0));
}

static void
a_handler_may_leave_what_a_parcel_holds(void **state)
{
	(void)state;
	assert_int_equal(TS_PARCEL_STATE_BYTES, TCPSERVER_STATE_BYTES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_sound_is_believed),
		cmocka_unit_test(there_is_no_listener_where_there_are_none),
		cmocka_unit_test(a_handler_may_leave_what_a_parcel_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
