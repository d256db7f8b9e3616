/* SPDX-License-Identifier: MIT */
/* The page that shows a folder, written row by row; pure. */
#include "listing/listing_html.h"

#include <string.h>

#include "common/date_text.h"

/* Of a longer path only the end is shown. */
#define PATH_SHOWN 800

/* Which way the current column is sorted; aria-sort says it to be heard. */
#define UP " <span aria-hidden=true>\xe2\x96\xb2</span>"
#define DOWN " <span aria-hidden=true>\xe2\x96\xbc</span>"

static const char style[] =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:0 auto;"
    "padding:1rem;color:#1c2024;background:#fff}"
    "h1{font-size:1.25rem;overflow-wrap:anywhere}"
    "table{width:100%;border-collapse:collapse}"
    "th,td{padding:.4rem .25rem;text-align:left}"
    "td{border-top:1px solid #8884}"
    "th:first-child,td:first-child{width:100%}"
    "th+th,td+td{padding-left:1rem;text-align:right;white-space:nowrap;"
    "color:#60666c;font-variant-numeric:tabular-nums}"
    "a{color:#0a58ca;text-decoration:none;overflow-wrap:anywhere;"
    "display:block}"
    "a:hover{text-decoration:underline}"
    "@media(max-width:37.5rem){th+th+th,td+td+td{display:none}}"
    "@media(prefers-color-scheme:dark){"
    "body{color:#e4e6e8;background:#16181a}"
    "td+td{color:#9aa0a6}a{color:#8cb4ff}}";

/* The head of a column, a link; of the current one, it turns the order. */
static void
put_column(struct text *text, struct listing_order order, enum listing_key key)
{
	static const char *const titles[] = {
		[LISTING_BY_NAME] = "Name",
		[LISTING_BY_SIZE] = "Size",
		[LISTING_BY_TIME] = "Modified (UTC)",
	};
	const char letter = listorder_letter(key);
	const bool is_current = key == order.key;
	const bool is_down = is_current && order.is_descending;

	text_put_string(text, "<th");
	if (is_current)
		text_put_string(text,
		    is_down ? " aria-sort=descending" : " aria-sort=ascending");
	text_put_string(text, "><a rel=nofollow href=\"?C=");
	text_put(text, &letter, 1);
	text_put_string(text, is_current && !is_down ? ";O=D\">" : ";O=A\">");
	text_put_string(text, titles[key]);
	if (is_current)
		text_put_string(text, is_down ? DOWN : UP);
	text_put_string(text, "</a>\n");
}

static void
put_columns(struct text *text, struct listing_order order)
{
	int key;

	text_put_string(text, "<thead><tr>\n");
	for (key = 0; key < LISTING_KEYS; key++)
		put_column(text, order, key);
	text_put_string(text, "<tbody>\n");
}

/* "17 B", "1.2 KiB" and so on: at most four digits. */
static void
put_size(struct text *text, int64_t size)
{
	static const char units[] = "BKMGTPE";
	uint64_t whole = (uint64_t)size;
	uint64_t rest = 0;
	unsigned unit = 0;

	while (whole >= 1024) {
		rest = whole % 1024;
		whole /= 1024;
		unit++;
	}
	text_put_number(text, whole);
	if (unit > 0 && whole < 10) {
		text_put(text, ".", 1);
		text_put_number(text, rest * 10 / 1024);
	}
	text_put(text, " ", 1);
	text_put(text, units + unit, 1);
	if (unit > 0)
		text_put_string(text, "iB");
}

static void
put_moment(struct text *text, int64_t seconds)
{
	struct date date = date_of(seconds);

	if (date.year < 0)
		return;
	datetext_put_day(text, &date);
	text_put(text, " ", 1);
	datetext_put_minutes(text, &date);
}

void
listpage_put_head(struct text *text, const struct listing *listing,
    const char *path)
{
	const size_t n = strlen(path);
	const char *shown = n > PATH_SHOWN ? path + n - PATH_SHOWN : path;
	const char *last = strrchr(shown, '/');

	last = last != NULL ? last + 1 : shown;
	text_put_string(text,
	    "<!DOCTYPE html><html lang=en><meta charset=utf-8>"
	    "<meta name=viewport content=\"width=device-width\">"
	    "<meta name=color-scheme content=\"light dark\"><title>");
	text_put_html(text, last, strlen(last));
	text_put_string(text, "/</title><style>");
	text_put_string(text, style);
	text_put_string(text, "</style><h1>");
	text_put_string(text, shown == path ? "/" : "\xe2\x80\xa6");
	text_put_html(text, shown, strlen(shown));
	text_put_string(text, n > 0 ? "/</h1>\n<table>\n" : "</h1>\n<table>\n");
	if (listing->count > 0)
		put_columns(text, listing->order);
	if (n > 0)
		text_put_string(text,
		    "<tr><td><a href=\"../\">../</a><td><td>\n");
}

void
listpage_put_row(struct text *text, const struct listing *listing, size_t index)
{
	const struct listing_entry *entry = &listing->entries[index];
	const char *name = listing->names + entry->name;
	const size_t n = strlen(name);

	text_put_string(text, "<tr><td><a href=\"");
	text_put_url(text, name, n);
	text_put_string(text, entry->is_folder ? "/\">" : "\">");
	text_put_html(text, name, n);
	text_put_string(text, entry->is_folder ? "/</a><td><td>" : "</a><td>");
	if (!entry->is_folder) {
		put_size(text, entry->size);
		text_put_string(text, "<td>");
	}
	put_moment(text, entry->modified_s);
	text_put(text, "\n", 1);
}

void
listpage_put_foot(struct text *text, const struct listing *listing)
{
	text_put_string(text, "</table>\n");
	if (listing->is_cut)
		text_put_string(text,
		    "<p>There is more here than one page shows.\n");
	else if (listing->count == 0)
		text_put_string(text, "<p>Nothing here.\n");
}
