/* SPDX-License-Identifier: MIT */
/* Lines of the access log, in the Combined Log Format; pure. */
#include "accesslog.h"

#include "date.h"

/* How much of each part a line holds; together they fit, escaped. */
#define LINE_BYTES 1000
#define REFERER_BYTES 450
#define AGENT_BYTES 450

/* One word, for those who read lines: "uid 1000" is written "uid:1000". */
static void
put_peer(struct text *text, const char *peer_text)
{
	for (; *peer_text != '\0'; peer_text++)
		text_put(text, *peer_text == ' ' ? ":" : peer_text, 1);
}

/* " [22/Nov/2026:15:46:44 +0000] " */
static void
put_time(struct text *text, int64_t now_s)
{
	struct date date = date_of(now_s);

	text_put_string(text, " - - [");
	text_put_padded(text, date.day, 2);
	text_put(text, "/", 1);
	text_put_string(text, date_month_name(date.month));
	text_put(text, "/", 1);
	text_put_padded(text, (uint64_t)date.year, 4);
	text_put(text, ":", 1);
	text_put_padded(text, date.hour, 2);
	text_put(text, ":", 1);
	text_put_padded(text, date.minute, 2);
	text_put(text, ":", 1);
	text_put_padded(text, date.second, 2);
	text_put_string(text, " +0000] ");
}

/* A part in quotes; "-" where it is not there. */
static void
put_quoted(struct text *text, const char *bytes, size_t n, size_t most)
{
	size_t i;

	text_put(text, "\"", 1);
	if (n == 0)
		text_put(text, "-", 1);
	for (i = 0; i < n && i < most; i++) {
		if (bytes[i] == '"' || bytes[i] == '\\')
			text_put(text, "\\", 1);
		text_put(text, bytes + i, 1);
	}
	text_put(text, "\"", 1);
}

static void
put_field(struct text *text, const struct accesslog_entry *entry,
    enum request_field field, size_t most)
{
	struct request_span span = entry->request->field[field];

	text_put(text, " ", 1);
	put_quoted(text, entry->head + span.start, span.n, most);
}

void
accesslog_format(char ret_line[ACCESSLOG_SIZE],
    const struct accesslog_entry *entry)
{
	struct request_span line = entry->request->line;
	struct text text;

	text_init(&text, ret_line, ACCESSLOG_SIZE - 1);
	put_peer(&text, entry->peer_text);
	put_time(&text, entry->now_s);
	put_quoted(&text, entry->head + line.start, line.n, LINE_BYTES);
	text_put(&text, " ", 1);
	text_put_number(&text, (uint64_t)entry->status);
	text_put(&text, " ", 1);
	if (entry->body_bytes > 0)
		text_put_number(&text, (uint64_t)entry->body_bytes);
	else
		text_put(&text, "-", 1);
	put_field(&text, entry, REQUEST_REFERER, REFERER_BYTES);
	put_field(&text, entry, REQUEST_USER_AGENT, AGENT_BYTES);
	ret_line[text.n] = '\0';
}
