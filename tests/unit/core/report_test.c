/* SPDX-License-Identifier: MIT */
/* The state of a server as text and as JSON: every number, under its name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/report.h"

static const struct ts_metrics metrics = {
	.accepted = 101,
	.decided[TS_ADMISSION_LIGHTER] = 102,
	.refused[TS_REFUSAL_WAITED] = 60,
	.refused[TS_REFUSAL_FORK] = 43,
	.served_after_wait = 111,
	.left_while_waiting = 112,
	.failed_accepts = 104,
	.failed_forks = 105,
	.ended[TS_EXIT_REASON_FAILED] = 106,
	.stuck = 113,
	.parked_silent = 107,
	.resumed = 110,
	.parked_gone = 115,
	.parked_expired = 117,
	.parked_evicted = 118,
	.parked_slow = 119,
	.gone_silent = 108,
	.rejected_messages = 109,
	.overload_switches = 116,
	.unknown_children = 114,
};

static const struct ts_report report = {
	.metrics = &metrics,
	.slots = 200,
	.children = 201,
	.killed = 202,
	.waiting = 203,
	.parked = 204,
	.lingering = 205,
	.is_parking_overloaded = true,
	.walls.missing[TS_WALL_MDWE] = EINVAL,
	.walls.missing[TS_WALL_READ_ONLY_MOUNTS] = ENOSYS,
	.walls.missing[TS_WALL_LANDLOCK_TRUNCATE] = EOPNOTSUPP,
	.heaviest = {
		{ { TS_ADDR_IPV4 | 32 << 8, 0xc0000201 }, 7, 14 },
		{ { TS_ADDR_IPV6 | 64 << 8, 0x20010db800010002 }, 6, 13 },
		{ { TS_ADDR_LOCAL | 32 << 8, 1000 }, 5, 12 },
	},
	.heaviest_count = 3,
	.penalties = {
		{ { TS_ADDR_IPV4 | 32 << 8, 0xc0000209 }, 130, 23 },
	},
	.penalty_count = 1,
};

/* Everything else is numbers; the sources are shown as they are. */
static const struct {
	const char *name;
	uint64_t value;
} numbers[] = {
	{ "slots", 200 },
	{ "children", 201 },
	{ "killed", 202 },
	{ "waiting", 203 },
	{ "parked", 204 },
	{ "lingering", 205 },
	{ "overload", 0 },
	{ "parking_overload", 1 },
	{ "accepted", 101 },
	{ "refused", 103 },
	{ "decided_free", 0 },
	{ "decided_spare", 0 },
	{ "decided_lighter", 102 },
	{ "decided_own", 0 },
	{ "decided_full", 0 },
	{ "refused_waited", 60 },
	{ "refused_crowded", 0 },
	{ "refused_limit", 0 },
	{ "refused_penalty", 0 },
	{ "refused_fork", 43 },
	{ "ended_closed", 0 },
	{ "ended_parked", 0 },
	{ "ended_reset", 0 },
	{ "ended_gone", 0 },
	{ "ended_first_byte", 0 },
	{ "ended_idle", 0 },
	{ "ended_unanswered", 0 },
	{ "ended_slow_sender", 0 },
	{ "ended_slow_reader", 0 },
	{ "ended_processor", 0 },
	{ "ended_lifetime", 0 },
	{ "ended_evicted", 0 },
	{ "ended_messages", 0 },
	{ "ended_stopped", 0 },
	{ "ended_crashed", 0 },
	{ "ended_failed", 106 },
	{ "served_after_wait", 111 },
	{ "left_while_waiting", 112 },
	{ "failed_accepts", 104 },
	{ "failed_forks", 105 },
	{ "stuck", 113 },
	{ "parked_silent", 107 },
	{ "resumed", 110 },
	{ "parked_gone", 115 },
	{ "parked_expired", 117 },
	{ "parked_evicted", 118 },
	{ "parked_slow", 119 },
	{ "gone_silent", 108 },
	{ "rejected_messages", 109 },
	{ "overload_switches", 116 },
	{ "unknown_children", 114 },
	/* 1 where it stands. */
	{ "wall_user", 1 },
	{ "wall_chroot", 1 },
	{ "wall_read_only_mounts", 0 },
	{ "wall_network_namespace", 1 },
	{ "wall_mdwe", 0 },
	{ "wall_seccomp", 1 },
	{ "wall_landlock_files", 1 },
	{ "wall_landlock_truncate", 0 },
	{ "wall_landlock_network", 1 },
	{ "wall_landlock_scopes", 1 },
	{ "files_protected", 0 },
};

static unsigned
count_lines(const char *text, size_t bytes)
{
	unsigned lines = 0;

	for (size_t i = 0; i < bytes; i++)
		lines += text[i] == '\n';
	return lines;
}

static void
assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no %s in: %s", part, text);
}

static void
text_has_every_number(void **state)
{
	char text[TS_REPORT_BYTES + 2] = "\n";
	char line[64];

	(void)state;
	text[1 + ts_report_text(&report, text + 1)] = '\0';
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		(void)snprintf(line, sizeof(line), "\n%s %llu\n",
		    numbers[i].name, (unsigned long long)numbers[i].value);
		assert_has(text, line);
	}
	/* There is a name in this test for each. */
	assert_int_equal(count_lines(text + 1, strlen(text + 1)),
	    sizeof(numbers) / sizeof(numbers[0]) + report.heaviest_count +
		report.penalty_count);
	assert_has(text,
	    "\nsource 192.0.2.1 7\n"
	    "source 2001:db8:1:2::/64 6\n"
	    "source uid 1000 5\n"
	    "penalty 192.0.2.9 23\n");
}

static void
json_has_every_number(void **state)
{
	char text[TS_REPORT_BYTES + 1];
	char pair[64];

	(void)state;
	text[ts_report_json(&report, text)] = '\0';
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		(void)snprintf(pair, sizeof(pair), "\"%s\":%llu,",
		    numbers[i].name, (unsigned long long)numbers[i].value);
		assert_has(text, pair);
	}
	assert_int_equal(text[0], '{');
	assert_has(text,
	    "\"sources\":[{\"source\":\"192.0.2.1\",\"slots\":7,\"weight\":14},"
	    "{\"source\":\"2001:db8:1:2::/64\",\"slots\":6,\"weight\":13},"
	    "{\"source\":\"uid 1000\",\"slots\":5,\"weight\":12}],"
	    "\"penalties\":[{\"source\":\"192.0.2.9\","
	    "\"points\":130,\"seconds\":23}]}\n");
}

/* The longest names with the largest numbers leave nothing out. */
static void
the_longest_report_has_room(void **state)
{
	struct ts_metrics most;
	struct ts_report longest = report;
	/* fe80::ffff:ffff:ffff:ffff on interface 4294967295 */
	const struct ts_network link_local = {
		.kind = (uint64_t)UINT32_MAX << 32 | 64 << 8 | 4,
		.bits = UINT64_MAX,
	};
	char text[TS_REPORT_BYTES];
	size_t bytes;
	unsigned lines;

	(void)state;
	memset(&most, 0xff, sizeof(most));
	longest.slots = longest.children = longest.killed = UINT32_MAX;
	longest.waiting = longest.parked = longest.lingering = UINT32_MAX;
	bytes = ts_report_text(&report, text);
	lines = count_lines(text, bytes) - report.heaviest_count -
	    report.penalty_count;
	longest.metrics = &most;
	longest.heaviest_count = TS_NETWORK_TABLE_LISTED;
	for (unsigned i = 0; i < TS_NETWORK_TABLE_LISTED; i++)
		longest.heaviest[i] = (struct ts_source_weight){
			.source = link_local,
			.held = UINT32_MAX,
			.weight = UINT32_MAX,
		};
	longest.penalty_count = TS_REPORT_PENALTIES;
	for (unsigned i = 0; i < TS_REPORT_PENALTIES; i++)
		longest.penalties[i] = (struct ts_penalty_view){
			.source = link_local,
			.points = UINT32_MAX,
			.left_s = UINT32_MAX,
		};
	bytes = ts_report_text(&longest, text);
	assert_int_equal(count_lines(text, bytes),
	    lines + TS_NETWORK_TABLE_LISTED + TS_REPORT_PENALTIES);
	assert_int_equal(text[bytes - 1], '\n');
	bytes = ts_report_json(&longest, text);
	assert_true(bytes < TS_REPORT_BYTES - 1);
	assert_memory_equal(text + bytes - 4, "}]}\n", 4);
}

/* The last line of a log: nobody is left then that could be asked. */
static void
totals_leave_out_what_did_not_happen(void **state)
{
	static const struct ts_metrics quiet = { .accepted = 1 };
	char text[TS_REPORT_TOTALS_SIZE];

	(void)state;
	ts_report_totals(&quiet, text);
	assert_string_equal(text, "1 accepted, 0 refused");
	ts_report_totals(&metrics, text);
	assert_string_equal(text,
	    "101 accepted, 103 refused, 106 failed, "
	    "111 served after waiting, 110 resumed");
}

static void
the_longest_totals_have_room(void **state)
{
	struct ts_metrics most;
	char text[TS_REPORT_TOTALS_SIZE];
	size_t length;

	(void)state;
	memset(&most, 0xff, sizeof(most));
	ts_report_totals(&most, text);
	length = strlen(text);
	assert_true(length < TS_REPORT_TOTALS_SIZE - 1);
	assert_string_equal(text + length - 8, " resumed");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_has_every_number),
		cmocka_unit_test(json_has_every_number),
		cmocka_unit_test(the_longest_report_has_room),
		cmocka_unit_test(totals_leave_out_what_did_not_happen),
		cmocka_unit_test(the_longest_totals_have_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
