/* SPDX-License-Identifier: MIT */
/* The state of a server, as text for people and as JSON for programs. */
#ifndef TS_CORE_REPORT_H
#define TS_CORE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/jail_layers.h"
#include "core/metrics.h"
#include "core/network_table.h"
#include "core/penalties.h"

/* Most sources under penalty that a report lists. */
#define TS_REPORT_PENALTIES 10

/* Longest report. */
#define TS_REPORT_BYTES 12288

/* Longest line of totals, with its end. */
#define TS_REPORT_TOTALS_SIZE 1024

/* What a report shows; all of it is of one moment. */
struct ts_report {
	const struct ts_metrics *metrics;
	/* How many slots there are, without the spare ones. */
	uint32_t slots;
	/* Children that serve, and those that were killed and still are. */
	uint32_t children;
	uint32_t killed;
	/* Connections without a child. */
	uint32_t waiting;
	uint32_t parked;
	uint32_t lingering;
	/* Deadlines are halved, of heavy networks and of parked connections. */
	bool is_overloaded;
	bool is_parking_overloaded;
	struct ts_walls walls;
	/* Heaviest first. */
	struct ts_source_weight heaviest[TS_NETWORK_TABLE_LISTED];
	unsigned heaviest_count;
	/* Sources that are refused. */
	struct ts_penalty_view penalties[TS_REPORT_PENALTIES];
	unsigned penalty_count;
};

/*
 * Writes one line "name value" for each number, and "source NAME value" for
 * each source, which is the number of its slots, and "penalty NAME seconds" for
 * each source that is refused; the value follows the last space of a line.
 * Returns how many bytes; there is no NUL behind them.
 */
size_t ts_report_text(const struct ts_report *report,
    char out[TS_REPORT_BYTES]);

/*
 * Writes one JSON object (RFC 8259) on one line: the same names with the same
 * numbers, "sources", an array of {"source", "slots", "weight"}, and
 * "penalties", an array of {"source", "points", "seconds"}.
 */
size_t ts_report_json(const struct ts_report *report,
    char out[TS_REPORT_BYTES]);

/*
 * Writes what has been, in one line without an end, as a string: "2 accepted,
 * 0 refused, 1 closed, ...".  Beyond those two, what is 0 is left out.
 */
void ts_report_totals(const struct ts_metrics *metrics,
    char out[TS_REPORT_TOTALS_SIZE]);

#endif
