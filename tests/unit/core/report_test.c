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

#include "core/addr.h"
#include "core/report.h"

static const struct ts_metrics metrics = {
	.accepted = 101,
	.decided[TS_SRCLIMIT_HEAVIEST] = 102,
	.refused = 103,
	.failed_accepts = 104,
	.failed_forks = 105,
	.ended[TS_ENDING_FAILED] = 106,
	.parked_wordless = 107,
	.gone_wordless = 108,
	.unparked = 109,
	.resumed = 110,
	.false_parcels = 111,
	.lots_died = 112,
	.lost_parked = 113,
	.stress_switches = 116,
	.strangers = 114,
	.leaked = 115,
};

static const struct ts_report report = {
	.metrics = &metrics,
	.children = 201,
	.killed = 202,
	.is_stressed = true,
	.lot = { 203, 209, 204, 205, 206, 207, 208 },
	.walls.missing[TS_WALL_MDWE] = EINVAL,
	.heaviest = {
		{ { TS_ADDR_IPV4, 0xc0000201 }, 7 },
		{ { TS_ADDR_IPV6, 0x20010db800010002 }, 6 },
		{ { TS_ADDR_LOCAL, 1000 }, 5 },
	},
	.heaviest_count = 3,
};

/* What follows is numbers; the sources are shown as they are. */
static const struct {
	const char *name;
	uint64_t value;
} numbers[] = {
	{ "children", 201 },
	{ "killed", 202 },
	{ "parked", 203 },
	{ "accepted", 101 },
	{ "refused", 103 },
	{ "decided_source_share", 0 },
	{ "decided_heaviest", 102 },
	{ "decided_full", 0 },
	{ "ended_closed", 0 },
	{ "ended_failed", 106 },
	{ "failed_accepts", 104 },
	{ "failed_forks", 105 },
	{ "parked_wordless", 107 },
	{ "gone_wordless", 108 },
	{ "resumed", 110 },
	{ "unparked", 109 },
	{ "false_parcels", 111 },
	{ "lots_died", 112 },
	{ "lost_parked", 113 },
	{ "stress", 1 },
	{ "stress_switches", 116 },
	{ "strangers", 114 },
	{ "leaked", 115 },
	{ "lot_stress", 209 },
	{ "lot_resumed", 204 },
	{ "lot_gone", 205 },
	{ "lot_expired", 206 },
	{ "lot_evicted", 207 },
	{ "lot_refused", 208 },
	/* 1 where it stands. */
	{ "wall_user", 1 },
	{ "wall_chroot", 1 },
	{ "wall_network_namespace", 1 },
	{ "wall_mdwe", 0 },
	{ "wall_seccomp", 1 },
	{ "wall_landlock_files", 1 },
	{ "wall_landlock_network", 1 },
	{ "wall_landlock_scopes", 1 },
};

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
	assert_has(text,
	    "\nsource 192.0.2.1 7\n"
	    "source 2001:db8:1:2::/64 6\n"
	    "source uid 1000 5\n");
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
	    "\"sources\":[{\"source\":\"192.0.2.1\",\"count\":7},"
	    "{\"source\":\"2001:db8:1:2::/64\",\"count\":6},"
	    "{\"source\":\"uid 1000\",\"count\":5}]}\n");
}

static unsigned
count_lines(const char *text, size_t bytes)
{
	unsigned lines = 0;

	for (size_t i = 0; i < bytes; i++)
		lines += text[i] == '\n';
	return lines;
}

/* The longest names with the largest numbers leave nothing out. */
static void
the_longest_report_has_room(void **state)
{
	struct ts_metrics most;
	struct ts_report longest = report;
	char text[TS_REPORT_BYTES];
	size_t bytes;
	unsigned lines;

	(void)state;
	memset(&most, 0xff, sizeof(most));
	memset(&longest.lot, 0xff, sizeof(longest.lot));
	bytes = ts_report_text(&report, text);
	lines = count_lines(text, bytes) - report.heaviest_count;
	longest.metrics = &most;
	longest.heaviest_count = TS_HOLDERS_LISTED;
	for (unsigned i = 0; i < TS_HOLDERS_LISTED; i++)
		longest.heaviest[i] = (struct ts_holders_weight){
			.source = { TS_ADDR_IPV6, UINT64_MAX },
			.count = UINT32_MAX,
		};
	bytes = ts_report_text(&longest, text);
	assert_int_equal(count_lines(text, bytes), lines + TS_HOLDERS_LISTED);
	assert_int_equal(text[bytes - 1], '\n');
	bytes = ts_report_json(&longest, text);
	assert_true(bytes < TS_REPORT_BYTES - 1);
	assert_memory_equal(text + bytes - 4, "}]}\n", 4);
}

/* What must not be lost from sight when there is nobody left to ask. */
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
	    "101 accepted, 103 refused, 106 failed, 110 resumed, "
	    "109 unparked, 113 lost, 111 false, 115 leaked");
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
	assert_string_equal(text + length - 7, " leaked");
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
