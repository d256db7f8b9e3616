/* SPDX-License-Identifier: MIT */
/* The state of a server, as text for people and as JSON for programs. */
#include "core/report.h"

#include <stdarg.h>
#include <stdio.h>

/* Beside those that are counted by rule, or by ending. */
#define PLAIN_ROWS 33
#define ROWS                                                          \
	(PLAIN_ROWS + TS_WALLS + TS_ADMISSION_REASONS + TS_REFUSALS + \
	    TS_EXIT_REASONS)

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
	add(rows, "", "slots", report->slots);
	add(rows, "", "children", report->children);
	add(rows, "", "killed", report->killed);
	add(rows, "", "waiting", report->waiting);
	add(rows, "", "parked", report->parked);
	add(rows, "", "lingering", report->lingering);
	add(rows, "", "overload", report->is_overloaded ? 1 : 0);
	add(rows, "", "parking_overload",
	    report->is_parking_overloaded ? 1 : 0);
}

static uint64_t
all_refused(const struct ts_metrics *m)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < TS_REFUSALS; i++)
		sum += m->refused[i];
	return sum;
}

static void
add_by_reason(struct rows *rows, const struct ts_metrics *m)
{
	for (unsigned i = 0; i < TS_ADMISSION_REASONS; i++)
		add(rows, "decided_",
		    ts_admission_reason_name((enum ts_admission_reason)i),
		    m->decided[i]);
	for (unsigned i = 0; i < TS_REFUSALS; i++)
		add(rows, "refused_", ts_refusal_name((enum ts_refusal)i),
		    m->refused[i]);
	for (unsigned i = 0; i < TS_EXIT_REASONS; i++)
		add(rows, "ended_", ts_exit_reason_name((enum ts_exit_reason)i),
		    m->ended[i]);
}

static void
add_totals(struct rows *rows, const struct ts_metrics *m)
{
	add(rows, "", "accepted", m->accepted);
	add(rows, "", "refused", all_refused(m));
	add_by_reason(rows, m);
	add(rows, "", "served_after_wait", m->served_after_wait);
	add(rows, "", "left_while_waiting", m->left_while_waiting);
	add(rows, "", "failed_accepts", m->failed_accepts);
	add(rows, "", "failed_forks", m->failed_forks);
	add(rows, "", "stuck", m->stuck);
	add(rows, "", "parked_silent", m->parked_silent);
	add(rows, "", "resumed", m->resumed);
	add(rows, "", "parked_gone", m->parked_gone);
	add(rows, "", "parked_expired", m->parked_expired);
	add(rows, "", "parked_evicted", m->parked_evicted);
	add(rows, "", "parked_slow", m->parked_slow);
	add(rows, "", "gone_silent", m->gone_silent);
	add(rows, "", "rejected_messages", m->rejected_messages);
	add(rows, "", "overload_switches", m->overload_switches);
	add(rows, "", "unknown_children", m->unknown_children);
}

static void
add_walls(struct rows *rows, const struct ts_walls *walls)
{
	for (unsigned i = 0; i < TS_WALLS; i++)
		add(rows, "wall_", ts_wall_name((enum ts_wall)i),
		    walls->missing[i] == 0 ? 1 : 0);
	add(rows, "", "files_protected", ts_walls_protect_files(walls) ? 1 : 0);
}

static void
gather(struct rows *rows, const struct ts_report *report)
{
	rows->count = 0;
	add_now(rows, report);
	add_totals(rows, report->metrics);
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
	char name[TS_NETWORK_TEXT_SIZE];
	struct rows rows;

	gather(&rows, report);
	for (unsigned i = 0; i < rows.count; i++)
		put(&page, "%s%s %llu\n", rows.all[i].prefix, rows.all[i].name,
		    (unsigned long long)rows.all[i].value);
	for (unsigned i = 0; i < report->heaviest_count; i++) {
		ts_network_format(report->heaviest[i].source, name);
		put(&page, "source %s %u\n", name, report->heaviest[i].held);
	}
	for (unsigned i = 0; i < report->penalty_count; i++) {
		ts_network_format(report->penalties[i].source, name);
		put(&page, "penalty %s %u\n", name,
		    report->penalties[i].left_s);
	}
	return page.n;
}

void
ts_report_totals(const struct ts_metrics *m, char out[TS_REPORT_TOTALS_SIZE])
{
	struct rows rows = { .count = 0 };
	size_t n;

	for (unsigned i = 0; i < TS_EXIT_REASONS; i++)
		add(&rows, "", ts_exit_reason_name((enum ts_exit_reason)i),
		    m->ended[i]);
	add(&rows, "", "served after waiting", m->served_after_wait);
	add(&rows, "", "resumed", m->resumed);
	n = (size_t)snprintf(out, TS_REPORT_TOTALS_SIZE,
	    "%llu accepted, %llu refused", (unsigned long long)m->accepted,
	    (unsigned long long)all_refused(m));
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
	char name[TS_NETWORK_TEXT_SIZE];
	struct rows rows;

	gather(&rows, report);
	put(&page, "{");
	for (unsigned i = 0; i < rows.count; i++)
		put(&page, "\"%s%s\":%llu,", rows.all[i].prefix,
		    rows.all[i].name, (unsigned long long)rows.all[i].value);
	put(&page, "\"sources\":[");
	for (unsigned i = 0; i < report->heaviest_count; i++) {
		ts_network_format(report->heaviest[i].source, name);
		put(&page, "%s{\"source\":\"%s\",\"slots\":%u,\"weight\":%u}",
		    i > 0 ? "," : "", name, report->heaviest[i].held,
		    report->heaviest[i].weight);
	}
	put(&page, "],\"penalties\":[");
	for (unsigned i = 0; i < report->penalty_count; i++) {
		ts_network_format(report->penalties[i].source, name);
		put(&page, "%s{\"source\":\"%s\",\"points\":%u,\"seconds\":%u}",
		    i > 0 ? "," : "", name, report->penalties[i].points,
		    report->penalties[i].left_s);
	}
	put(&page, "]}\n");
	return page.n;
}
