/* SPDX-License-Identifier: MIT */
/* The state of a server, as text for people and as JSON for programs. */
#ifndef TS_CORE_REPORT_H
#define TS_CORE_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/jail_layers.h"
#include "core/metrics.h"
#include "core/source_table.h"

/* Longest report. */
#define TS_REPORT_BYTES 8192

/* Longest line of totals, with its end. */
#define TS_REPORT_TOTALS_SIZE 1024

/* What has become of parked connections, and how many there are. */
struct ts_report_lot {
	uint64_t parked;
	/* 1 while the times they may wait are halved. */
	uint64_t stress;
	uint64_t resumed;
	uint64_t gone;
	uint64_t expired;
	uint64_t evicted;
	uint64_t refused;
};

/* What a report tells; all of it is of one moment. */
struct ts_report {
	const struct ts_metrics *metrics;
	/* Children that serve, and those that were killed but still are. */
	uint32_t children;
	uint32_t killed;
	bool is_stressed;
	struct ts_walls walls;
	struct ts_report_lot lot;
	/* Heaviest first. */
	struct ts_holders_weight heaviest[TS_HOLDERS_LISTED];
	unsigned heaviest_count;
};

/*
 * Writes one line "name value" for each number, and "source NAME value" for
 * each source; what follows the last space of a line is the value.
 * Returns how many bytes; there is no NUL behind them.
 */
size_t ts_report_text(const struct ts_report *report,
    char out[TS_REPORT_BYTES]);

/*
 * Writes one JSON object (RFC 8259) on one line: the same names with the same
 * numbers, and "sources", an array of {"source", "count"}.
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
