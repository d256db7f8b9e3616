/* SPDX-License-Identifier: MIT */
/* Slots: by memory, and never more than may have processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/admission.h"
#include "core/capacity.h"

#define MIB (UINT64_C(1) << 20)
#define GIB (UINT64_C(1) << 30)
#define ANY TS_MACHINE_UNLIMITED

static const struct {
	const char *what;
	struct ts_machine machine;
	uint32_t expected;
} cases[] = {
	{ "nothing is known", { 0, ANY, ANY, ANY }, 64 },
	{ "16 MiB", { 16 * MIB, ANY, ANY, ANY }, 64 },
	{ "the least memory that counts", { 64 * MIB, ANY, ANY, ANY }, 64 },
	{ "65 slots", { 65 * MIB, ANY, ANY, ANY }, 65 },
	{ "one byte less", { 65 * MIB - 1, ANY, ANY, ANY }, 64 },
	{ "256 MiB", { 256 * MIB, ANY, ANY, ANY }, 256 },
	{ "1 GiB", { GIB, ANY, ANY, ANY }, 1024 },
	{ "4 GiB", { 4 * GIB, ANY, ANY, ANY }, 4096 },
	{ "16 TiB", { 16384 * GIB, ANY, ANY, ANY }, 4096 },
	{ "no memory is a limit", { ANY, ANY, ANY, ANY }, 4096 },
	/* 2 * 256 + 32 + 16. */
	{ "as many tasks as 256 slots have", { GIB, 560, ANY, ANY }, 256 },
	{ "one fewer", { GIB, 559, ANY, ANY }, 255 },
	{ "a unit's usual limit", { 4 * GIB, 4915, ANY, ANY }, 2305 },
	{ "the same by user", { 4 * GIB, ANY, 4915, ANY }, 2305 },
	{ "the lower one of both", { 4 * GIB, 4915, 100, ANY }, 39 },
	{ "fewer than memory alone allows", { 0, 100, ANY, ANY }, 39 },
	{ "one slot", { GIB, 19, ANY, ANY }, 1 },
	{ "not even that", { GIB, 18, ANY, ANY }, 1 },
	{ "no task at all", { GIB, 0, ANY, ANY }, 1 },
	{ "no process of the user", { GIB, ANY, 0, ANY }, 1 },
	{ "1,024 descriptors", { 4 * GIB, ANY, ANY, 1024 }, 105 },
	{ "20,000 descriptors", { 4 * GIB, ANY, ANY, 20000 }, 4096 },
	{ "no descriptor", { 4 * GIB, ANY, ANY, 0 }, 1 },
};

static void
slots_follow_the_machine(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t slots = ts_capacity_slots(&cases[i].machine);

		if (slots != cases[i].expected)
			fail_msg("%s: %u slots, not %u", cases[i].what, slots,
			    cases[i].expected);
	}
}

/* A child for each slot that can be held, and the server's own. */
static uint64_t
tasks_of(uint32_t slots)
{
	return ts_admission_most_held(slots) + 16;
}

/* Not one more would fit, unless memory is the reason. */
static void
every_limit_of_tasks_is_used_up_and_kept(void **state)
{
	(void)state;
	for (uint64_t limit = 19; limit < 9000; limit++) {
		const struct ts_machine machine = { 4 * GIB, limit, ANY, ANY };
		uint32_t slots = ts_capacity_slots(&machine);

		assert_true(tasks_of(slots) <= limit);
		assert_true(
		    slots == TS_CAPACITY_MOST || tasks_of(slots + 1) > limit);
	}
}

static void
spare_slots_are_an_eighth(void **state)
{
	(void)state;
	assert_int_equal(tasks_of(256), 560);
	assert_int_equal(tasks_of(4096), 8720);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(slots_follow_the_machine),
		cmocka_unit_test(every_limit_of_tasks_is_used_up_and_kept),
		cmocka_unit_test(spare_slots_are_an_eighth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
