/* SPDX-License-Identifier: MIT */
/* Which messages of a child are believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <tcpserver.h>

#include "core/message.h"

static const struct {
	struct ts_message message;
	bool is_sound;
} cases[] = {
	{ { .kind = TS_MESSAGE_STATE }, true },
	{ { .kind = TS_MESSAGE_STATE, .state_bytes = 64 }, true },
	{ { .kind = TS_MESSAGE_STATE, .state_bytes = 65 }, false },
	{ { .kind = TS_MESSAGE_STATE, .state_bytes = UINT32_MAX }, false },
	/* Points belong to the other kind: they are not looked at. */
	{ { .kind = TS_MESSAGE_STATE, .points = UINT32_MAX }, true },
	{ { .kind = TS_MESSAGE_PENALTY }, false },
	{ { .kind = TS_MESSAGE_PENALTY, .points = 1 }, true },
	{ { .kind = TS_MESSAGE_PENALTY, .points = 100 }, true },
	{ { .kind = TS_MESSAGE_PENALTY, .points = 101 }, false },
	{ { .kind = TS_MESSAGE_PENALTY, .points = UINT32_MAX }, false },
	{ { .kind = TS_MESSAGE_PENALTY, .points = 1, .state_bytes = 65 },
	    true },
	{ { .kind = 0 }, false },
	{ { .kind = 0, .points = 1 }, false },
	{ { .kind = TS_MESSAGE_PENALTY + 1, .points = 1 }, false },
	{ { .kind = UINT32_MAX }, false },
};

static void
only_sound_messages_are_believed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (ts_message_is_sound(&cases[i].message) != cases[i].is_sound)
			fail_msg("case %zu", i);
}

static void
a_handler_may_leave_as_much_as_a_message_holds(void **state)
{
	(void)state;
	assert_int_equal(TS_MESSAGE_STATE_BYTES, TCPSERVER_STATE_BYTES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_sound_messages_are_believed),
		cmocka_unit_test(
		    a_handler_may_leave_as_much_as_a_message_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
