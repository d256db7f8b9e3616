/* SPDX-License-Identifier: MIT */
/* The page that shows a folder: collected, sorted, written row by row; pure. */
#include "listing.h"

#include <string.h>

#include "date.h"

/* Of a longer path only the end is shown. */
#define PATH_SHOWN 800

static const char style[] =
    "body{font:16px/1.5 system-ui,sans-serif;max-width:56rem;margin:0 auto;"
    "padding:1rem;color:#1c2024;background:#fff}"
    "h1{font-size:1.25rem;overflow-wrap:anywhere}"
    "table{width:100%;border-collapse:collapse}"
    "td{padding:.4rem .25rem;border-top:1px solid #8884}"
    "td:first-child{width:100%}"
    "td+td{padding-left:1rem;text-align:right;white-space:nowrap;"
    "color:#60666c;font-variant-numeric:tabular-nums}"
    "a{color:#0a58ca;text-decoration:none;overflow-wrap:anywhere;"
    "display:block}"
    "a:hover{text-decoration:underline}"
    "@media(max-width:36rem){td+td+td{display:none}}"
    "@media(prefers-color-scheme:dark){"
    "body{color:#e4e6e8;background:#16181a}"
    "td+td{color:#9aa0a6}a{color:#8cb4ff}}";

/* --- collecting --------------------------------------------------------- */

bool
listing_add(struct listing *listing, const char *name,
    const struct listing_entry *facts)
{
	const size_t n = strlen(name) + 1;
	struct listing_entry *entry = &listing->entries[listing->count];

	if (listing->count == LISTING_ENTRIES ||
	    n > LISTING_NAME_BYTES - listing->name_bytes) {
		listing->is_cut = true;
		return false;
	}
	*entry = *facts;
	entry->name = (uint32_t)listing->name_bytes;
	memcpy(listing->names + listing->name_bytes, name, n);
	listing->name_bytes += n;
	listing->count++;
	return true;
}

/* --- sorting ------------------------------------------------------------ */

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int
folded(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

static size_t
digits(const char *text)
{
	size_t n = 0;

	while (is_digit(text[n]))
		n++;
	return n;
}

/* Compares the numbers at the front of two names, and passes over them. */
static int
compare_numbers(const char **a, const char **b)
{
	size_t a_digits;
	size_t b_digits;
	int r;

	while (**a == '0' && is_digit((*a)[1]))
		(*a)++;
	while (**b == '0' && is_digit((*b)[1]))
		(*b)++;
	a_digits = digits(*a);
	b_digits = digits(*b);
	if (a_digits != b_digits)
		return a_digits < b_digits ? -1 : 1;
	r = memcmp(*a, *b, a_digits);
	*a += a_digits;
	*b += b_digits;
	return r;
}

static int
compare_names(const char *a, const char *b)
{
	const char *left = a;
	const char *right = b;

	while (*left != '\0' && *right != '\0') {
		int r;

		if (is_digit(*left) && is_digit(*right)) {
			r = compare_numbers(&left, &right);
		} else {
			r = folded(*left) - folded(*right);
			left++;
			right++;
		}
		if (r != 0)
			return r;
	}
	if (*left != *right)
		return *left == '\0' ? -1 : 1;
	return strcmp(a, b);
}

static bool
is_before(const struct listing *listing, size_t a, size_t b)
{
	const struct listing_entry *left = &listing->entries[a];
	const struct listing_entry *right = &listing->entries[b];

	if (left->is_folder != right->is_folder)
		return left->is_folder;
	return compare_names(listing->names + left->name,
		   listing->names + right->name) < 0;
}

static void
swap(struct listing *listing, size_t a, size_t b)
{
	struct listing_entry entry = listing->entries[a];

	listing->entries[a] = listing->entries[b];
	listing->entries[b] = entry;
}

/* Lets the entry at `top` sink in the heap of the first `n`. */
static void
sink(struct listing *listing, size_t top, size_t n)
{
	for (;;) {
		size_t child = 2 * top + 1;

		if (child >= n)
			return;
		if (child + 1 < n && is_before(listing, child, child + 1))
			child++;
		if (!is_before(listing, top, child))
			return;
		swap(listing, top, child);
		top = child;
	}
}

/* A heap sort: in place, and without a worst case that a stranger can make. */
void
listing_sort(struct listing *listing)
{
	size_t n = listing->count;
	size_t i;

	for (i = n / 2; i > 0; i--)
		sink(listing, i - 1, n);
	for (; n > 1; n--) {
		swap(listing, 0, n - 1);
		sink(listing, 0, n - 1);
	}
}

/* --- writing ------------------------------------------------------------ */

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
	text_put_padded(text, (uint64_t)date.year, 4);
	text_put(text, "-", 1);
	text_put_padded(text, date.month, 2);
	text_put(text, "-", 1);
	text_put_padded(text, date.day, 2);
	text_put(text, " ", 1);
	text_put_padded(text, date.hour, 2);
	text_put(text, ":", 1);
	text_put_padded(text, date.minute, 2);
}

void
listing_put_head(struct text *text, const char *path)
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
	if (n > 0)
		text_put_string(text, "<tr><td><a href=\"../\">../</a>\n");
}

void
listing_put_row(struct text *text, const struct listing *listing, size_t index)
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
listing_put_foot(struct text *text, const struct listing *listing)
{
	text_put_string(text, "</table>\n");
	if (listing->is_cut)
		text_put_string(text,
		    "<p>There is more here than one page shows.\n");
	else if (listing->count == 0)
		text_put_string(text, "<p>Nothing here.\n");
}
