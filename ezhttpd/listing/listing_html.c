/* SPDX-License-Identifier: MIT */
/* The page that shows a folder, written row by row; pure. */
#include "listing/listing_html.h"

#include <string.h>

#include "common/date_text.h"

/* Of a longer path, and of a deeper one, only the end is shown. */
#define PATH_SHOWN 800
#define SEGMENTS_SHOWN 16

/* Which way the current column is sorted; aria-sort says it to be heard. */
#define UP " <span aria-hidden=true>\xe2\x96\xb2</span>"
#define DOWN " <span aria-hidden=true>\xe2\x96\xbc</span>"

static const char style[] =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:0 auto;"
    "padding:1rem;color:#1c2024;background:#fff}"
    "h1{font-size:1.25rem;overflow-wrap:anywhere;margin:.5rem 0}"
    "p{color:#60666c;margin:.5rem 0}"
    "table{width:100%;border-collapse:collapse}"
    "th,td{padding:0;text-align:left}"
    "td{border-top:1px solid #8884}"
    "tr:hover td{background:#8881}"
    "th:first-child,td:first-child{width:100%}"
    "th+th,td+td{padding-left:1rem;text-align:right;white-space:nowrap;"
    "color:#60666c;font-variant-numeric:tabular-nums}"
    "td+td{padding-right:.25rem}"
    "a{color:#0a58ca;text-decoration:none;overflow-wrap:anywhere}"
    "td a:visited{color:#6a3aa8}"
    "th a,td a{display:block;padding:.625rem .25rem}"
    "th a{overflow-wrap:normal}"
    "a:hover{text-decoration:underline}"
    "@media(max-width:37.5rem){th+th,td+td{padding-left:.5rem;"
    "font-size:.875rem}"
    "th+th+th,td+td+td{white-space:normal;min-width:6em}}"
    "@media(prefers-color-scheme:dark){"
    "body{color:#e4e6e8;background:#16181a}"
    "p,td+td{color:#9aa0a6}a{color:#8cb4ff}td a:visited{color:#c3a5f5}}";

/*
 * How many bytes at the front are a character that turns the direction of what
 * follows, U+202A to U+202E and U+2066 to U+2069; 0 for all others.  *ret_code
 * is then the last byte of its number.
 */
static size_t
turning_bytes(const char *bytes, size_t n, unsigned *ret_code)
{
	const unsigned char *c = (const unsigned char *)bytes;

	if (n < 3 || c[0] != 0xe2)
		return 0;
	if (c[1] == 0x80 && c[2] >= 0xaa && c[2] <= 0xae)
		*ret_code = c[2] - 0x80u;
	else if (c[1] == 0x81 && c[2] >= 0xa6 && c[2] <= 0xa9)
		*ret_code = c[2] - 0x40u;
	else
		return 0;
	return 3;
}

/*
 * Adds a name so that it is seen as it is: a character that would turn round
 * what follows, and show another ending, appears as its code.
 */
static void
put_name(struct text *text, const char *name, size_t n)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t i = 0;

	while (i < n) {
		unsigned code;
		const size_t turning = turning_bytes(name + i, n - i, &code);

		if (turning == 0) {
			text_put_html(text, name + i++, 1);
			continue;
		}
		text_put_string(text, "[U+20");
		text_put(text, &hex[code >> 4], 1);
		text_put(text, &hex[code & 15], 1);
		text_put(text, "]", 1);
		i += turning;
	}
}

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
	/* Of times most people want the newest first. */
	const bool turns_down = is_current ? !is_down : key == LISTING_BY_TIME;

	text_put_string(text, "<th scope=col");
	if (is_current)
		text_put_string(text,
		    is_down ? " aria-sort=descending" : " aria-sort=ascending");
	text_put_string(text, "><a rel=nofollow href=\"?C=");
	text_put(text, &letter, 1);
	text_put_string(text, turns_down ? ";O=D\">" : ";O=A\">");
	text_put_string(text, titles[key]);
	if (is_current)
		text_put_string(text, is_down ? DOWN : UP);
	text_put_string(text, "</a></th>\n");
}

static void
put_columns(struct text *text, struct listing_order order)
{
	int key;

	text_put_string(text, "<thead><tr>\n");
	for (key = 0; key < LISTING_KEYS; key++)
		put_column(text, order, key);
	text_put_string(text, "</tr></thead><tbody>\n");
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
	text_put_string(text, "<time datetime=\"");
	datetext_put_day(text, &date);
	text_put(text, "T", 1);
	datetext_put_seconds(text, &date);
	text_put_string(text, "Z\">");
	datetext_put_day(text, &date);
	text_put(text, " ", 1);
	datetext_put_minutes(text, &date);
	text_put_string(text, "</time>");
}

/* "1 file", "2 files". */
static void
put_count(struct text *text, uint64_t count, const char *one, const char *many)
{
	text_put_number(text, count);
	text_put(text, " ", 1);
	text_put_string(text, count == 1 ? one : many);
}

static void
put_cut(struct text *text, const struct listing *listing)
{
	text_put_string(text, "<p><strong>Only the first ");
	text_put_number(text, listing->count);
	text_put_string(text, " names in this order are shown; ");
	text_put_number(text, listing->left_out);
	text_put_string(text, " are left out");
	if (listing->is_partial)
		text_put_string(text, ", and others were not looked at");
	text_put_string(text, ".</strong></p>\n");
}

static void
put_summary(struct text *text, const struct listing *listing)
{
	text_put_string(text, listing->is_partial ? "<p>At least " : "<p>");
	put_count(text, listing->folders, "directory", "directories");
	text_put_string(text, ", ");
	put_count(text, listing->files, "file", "files");
	text_put_string(text, ", ");
	put_size(text, (int64_t)listing->file_bytes);
	text_put_string(text, "</p>\n");
	if (listing_is_cut(listing))
		put_cut(text, listing);
}

/* How many segments a path has, of which none is empty. */
static size_t
count_segments(const char *path)
{
	size_t count = path[0] != '\0';

	for (; *path != '\0'; path++)
		count += *path == '/';
	return count;
}

/* The part of a path that is shown: without the segments in front that are too
 * many. */
static const char *
shown_part(const char *path)
{
	size_t segments = count_segments(path);
	size_t n = strlen(path);

	while (n > PATH_SHOWN || segments > SEGMENTS_SHOWN) {
		const char *slash = strchr(path, '/');

		if (slash == NULL)
			return path + n - PATH_SHOWN;
		n -= (size_t)(slash + 1 - path);
		segments--;
		path = slash + 1;
	}
	return path;
}

/* Adds a link to the directory that is `ups` above. */
static void
put_link_up(struct text *text, size_t ups, const char *name, size_t n)
{
	/* Programs know the links of the rows by how they begin. */
	text_put_string(text, "<a class=up href=\"");
	for (; ups > 0; ups--)
		text_put_string(text, "../");
	text_put_string(text, "\">");
	put_name(text, name, n);
	text_put_string(text, "</a>");
}

/* Adds the path with links to the directories above, all of them relative. */
static void
put_path(struct text *text, const char *path)
{
	const char *shown = shown_part(path);
	size_t ups = count_segments(path);
	const char *slash;

	if (ups == 0) {
		text_put(text, "/", 1);
		return;
	}
	put_link_up(text, ups, "/", 1);
	if (shown != path)
		text_put_string(text, "\xe2\x80\xa6/");
	ups = count_segments(shown);
	while ((slash = strchr(shown, '/')) != NULL) {
		put_link_up(text, --ups, shown, (size_t)(slash - shown));
		text_put(text, "/", 1);
		shown = slash + 1;
	}
	put_name(text, shown, strlen(shown));
	text_put(text, "/", 1);
}

/* The title has the last segment of the path. */
static void
put_title(struct text *text, const char *path)
{
	const char *shown = shown_part(path);
	const char *last = strrchr(shown, '/');

	last = last != NULL ? last + 1 : shown;
	text_put_string(text, "<title>Index of ");
	put_name(text, last, strlen(last));
	text_put_string(text, "/</title>");
}

void
listpage_put_head(struct text *text, const struct listing *listing,
    const char *path)
{
	text_put_string(text,
	    "<!DOCTYPE html><html lang=en><meta charset=utf-8>"
	    "<meta name=viewport content=\"width=device-width\">"
	    "<meta name=color-scheme content=\"light dark\">");
	put_title(text, path);
	text_put_string(text, "<style>");
	text_put_string(text, style);
	text_put_string(text, "</style><h1>Index of ");
	put_path(text, path);
	text_put_string(text, "</h1>\n");
	if (listing->count > 0)
		put_summary(text, listing);
	text_put_string(text, "<table>\n");
	if (listing->count > 0)
		put_columns(text, listing->order);
	if (path[0] != '\0')
		text_put_string(text,
		    "<tr><td><a href=\"../\">../ Parent directory</a></td>"
		    "<td></td><td></td></tr>\n");
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
	put_name(text, name, n);
	text_put_string(text,
	    entry->is_folder ? "/</a></td><td>" : "</a></td><td>");
	if (!entry->is_folder)
		put_size(text, entry->size);
	text_put_string(text, "</td><td>");
	put_moment(text, entry->modified_s);
	text_put_string(text, "</td></tr>\n");
}

void
listpage_put_foot(struct text *text, const struct listing *listing)
{
	text_put_string(text, "</table>\n");
	if (listing->count == 0)
		text_put_string(text, "<p>This directory is empty.</p>\n");
}
