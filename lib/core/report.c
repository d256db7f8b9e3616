/* SPDX-License-Identifier: MIT */
/* The state of a server, as text for people and as JSON for programs. */
#include "core/report.h"

#include <stdarg.h>
#include <stdio.h>

#include "core/addr.h"

/* Beside those that are counted by rule, or by ending. */
#define PLAIN_ROWS 24
#define ROWS (PLAIN_ROWS + TS_WALLS + TS_SRCLIMIT_RULES + TS_ENDING_COUNT)

/* One number; its name is `prefix` and `name` together. */
struct row {
	const char *prefix;
	const char *name;
	uint64_t value;
};

struct rows {
	struct row all[ROWS];
	unsigned count;
};

/* What is written: the first n of TS_REPORT_BYTES. */
struct page {
	char *out;
	size_t n;
};

static void
add(struct rows *rows, const char *prefix, const char *name, uint64_t value)
{
	if (rows->count < ROWS)
		rows->all[rows->count++] = (struct row){ prefix, name, value };
}

static void
add_now(struct rows *rows, const struct ts_report *report)
{
	add(rows, "", "children", report->children);
	add(rows, "", "killed", report->killed);
	add(rows, "", "parked", report->lot.parked);
	add(rows, "", "stress", report->is_stressed ? 1 : 0);
}

static void
add_totals(struct rows *rows, const struct ts_metrics *m)
{
	add(rows, "", "accepted", m->accepted);
	add(rows, "", "refused", m->refused);
	for (unsigned i = 0; i < TS_SRCLIMIT_RULES; i++)
		add(rows, "decided_",
		    ts_srclimit_rule_name((enum ts_srclimit_rule)i),
		    m->decided[i]);
	for (unsigned i = 0; i < TS_ENDING_COUNT; i++)
		add(rows, "ended_", ts_ending_name((enum ts_ending)i),
		    m->ended[i]);
	add(rows, "", "failed_accepts", m->failed_accepts);
	add(rows, "", "failed_forks", m->failed_forks);
	add(rows, "", "parked_wordless", m->parked_wordless);
	add(rows, "", "gone_wordless", m->gone_wordless);
	add(rows, "", "resumed", m->resumed);
	add(rows, "", "unparked", m->unparked);
	add(rows, "", "false_parcels", m->false_parcels);
	add(rows, "", "lots_died", m->lots_died);
	add(rows, "", "lost_parked", m->lost_parked);
	add(rows, "", "stress_switches", m->stress_switches);
	add(rows, "", "strangers", m->strangers);
	add(rows, "", "leaked", m->leaked);
}

static void
add_lot(struct rows *rows, const struct ts_report_lot *lot)
{
	add(rows, "lot_", "stress", lot->stress);
	add(rows, "lot_", "resumed", lot->resumed);
	add(rows, "lot_", "gone", lot->gone);
	add(rows, "lot_", "expired", lot->expired);
	add(rows, "lot_", "evicted", lot->evicted);
	add(rows, "lot_", "refused", lot->refused);
}

static void
add_walls(struct rows *rows, const struct ts_walls *walls)
{
	for (unsigned i = 0; i < TS_WALLS; i++)
		add(rows, "wall_", ts_wall_name((enum ts_wall)i),
		    walls->missing[i] == 0 ? 1 : 0);
}

static void
gather(struct rows *rows, const struct ts_report *report)
{
	rows->count = 0;
	add_now(rows, report);
	add_totals(rows, report->metrics);
	add_lot(rows, &report->lot);
	add_walls(rows, &report->walls);
}

/* What does not fit is left out; the sizes are such that everything fits. */
static void __attribute__((format(printf, 2, 3)))
put(struct page *page, const char *format, ...)
{
	size_t room = TS_REPORT_BYTES - page->n;
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(page->out + page->n, room, format, arguments);
	va_end(arguments);
	if (n > 0 && (size_t)n < room)
		page->n += (size_t)n;
}

size_t
ts_report_text(const struct ts_report *report, char out[TS_REPORT_BYTES])
{
	struct page page = { .out = out };
	char name[TS_ADDR_TEXT_SIZE];
	struct rows rows;

	gather(&rows, report);
	for (unsigned i = 0; i < rows.count; i++)
		put(&page, "%s%s %llu\n", rows.all[i].prefix, rows.all[i].name,
		    (unsigned long long)rows.all[i].value);
	for (unsigned i = 0; i < report->heaviest_count; i++) {
		ts_addr_format_source(report->heaviest[i].source, name);
		put(&page, "source %s %u\n", name, report->heaviest[i].count);
	}
	return page.n;
}

void
ts_report_totals(const struct ts_metrics *m, char out[TS_REPORT_TOTALS_SIZE])
{
	struct rows rows = { .count = 0 };
	size_t n;

	for (unsigned i = 0; i < TS_ENDING_COUNT; i++)
		add(&rows, "", ts_ending_name((enum ts_ending)i), m->ended[i]);
	add(&rows, "", "resumed", m->resumed);
	add(&rows, "", "unparked", m->unparked);
	add(&rows, "", "lost", m->lost_parked);
	add(&rows, "", "false", m->false_parcels);
	add(&rows, "", "leaked", m->leaked);
	n = (size_t)snprintf(out, TS_REPORT_TOTALS_SIZE,
	    "%llu accepted, %llu refused", (unsigned long long)m->accepted,
	    (unsigned long long)m->refused);
	for (unsigned i = 0; i < rows.count; i++)
		if (rows.all[i].value > 0)
			n += (size_t)snprintf(out + n,
			    TS_REPORT_TOTALS_SIZE - n, ", %llu %s",
			    (unsigned long long)rows.all[i].value,
			    rows.all[i].name);
}

size_t
ts_report_json(const struct ts_report *report, char out[TS_REPORT_BYTES])
{
	struct page page = { .out = out };
	char name[TS_ADDR_TEXT_SIZE];
	struct rows rows;

	gather(&rows, report);
	put(&page, "{");
	for (unsigned i = 0; i < rows.count; i++)
		put(&page, "\"%s%s\":%llu,", rows.all[i].prefix,
		    rows.all[i].name, (unsigned long long)rows.all[i].value);
	put(&page, "\"sources\":[");
	for (unsigned i = 0; i < report->heaviest_count; i++) {
		ts_addr_format_source(report->heaviest[i].source, name);
		put(&page, "%s{\"source\":\"%s\",\"count\":%u}",
		    i > 0 ? "," : "", name, report->heaviest[i].count);
	}
	put(&page, "]}\n");
	return page.n;
}
