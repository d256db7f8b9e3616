/* SPDX-License-Identifier: MIT */
/* Lines of the access log, in the Combined Log Format or in JSON; pure. */
#include "handler/access_log.h"

#include <string.h>

#include "common/date_text.h"
#include "common/json.h"

/* How much of each part a line holds; together they fit, escaped. */
#define LINE_BYTES 1000
#define REFERER_BYTES 450
#define AGENT_BYTES 450
/* The name of a user, once it is encoded. */
#define USER_BYTES 100

/* The same for JSON, where the bytes count once they are escaped. */
#define JSON_PEER_BYTES 100
#define JSON_USER_BYTES 200
#define JSON_HOST_BYTES 300
#define JSON_LINE_BYTES 1800
#define JSON_REFERER_BYTES 700
#define JSON_AGENT_BYTES 700

/* --- the Combined Log Format -------------------------------------------- */

/* One word, for those who read lines: "uid 1000" is written "uid:1000". */
static void
put_peer(struct text *text, const char *peer_text)
{
	for (; *peer_text != '\0'; peer_text++)
		text_put(text, *peer_text == ' ' ? ":" : peer_text, 1);
}

/* Adds a word up to the place `end`, but no part of an encoded byte. */
static void
put_encoded(struct text *text, struct piece word, size_t end)
{
	for (; word.n > 0; word.bytes++, word.n--) {
		const struct piece one = { word.bytes, 1 };
		const bool is_plain =
		    one.bytes[0] != '%' && piece_span(one, PIECE_IN_TOKEN) == 1;

		if (text->n + (is_plain ? 1 : 3) > end)
			return;
		if (is_plain)
			text_put(text, one.bytes, 1);
		else
			text_put_url(text, one.bytes, 1);
	}
}

/*
 * One word: "-" where there is none; a name that looks like that, or that is
 * empty, is told from it.
 */
static void
put_user(struct text *text, const char *user)
{
	if (user == NULL)
		text_put(text, "-", 1);
	else if (user[0] == '\0')
		text_put_string(text, "\"\"");
	else if (strcmp(user, "-") == 0)
		text_put_string(text, "%2D");
	else
		put_encoded(text, (struct piece){ user, strlen(user) },
		    text->n + USER_BYTES);
}

/* " [22/Nov/2026:15:46:44 +0000] " */
static void
put_time(struct text *text, int64_t now_s)
{
	struct date date = date_of(now_s);

	text_put_string(text, " [");
	text_put_padded(text, date.day, 2);
	text_put(text, "/", 1);
	text_put_string(text, date_month_name(date.month));
	text_put(text, "/", 1);
	text_put_padded(text, (uint64_t)date.year, 4);
	text_put(text, ":", 1);
	datetext_put_seconds(text, &date);
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
	text_put_string(&text, " - ");
	put_user(&text, entry->user);
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

/* --- JSON --------------------------------------------------------------- */

/* A member that is a string; null where it is not there. */
static void
put_member(struct text *text, const char *name, struct piece value, size_t most)
{
	text_put_string(text, ",\"");
	text_put_string(text, name);
	text_put_string(text, "\":");
	if (value.bytes != NULL)
		json_put_string(text, value, most);
	else
		text_put_string(text, "null");
}

/* Without bytes where there is no such string. */
static struct piece
piece_of(const char *string)
{
	return (struct piece){ string, string != NULL ? strlen(string) : 0 };
}

/* Without bytes where the head has no such field. */
static struct piece
field_of(const struct accesslog_entry *entry, enum request_field field)
{
	if (!request_has(entry->request, field))
		return (struct piece){ NULL, 0 };
	return request_piece(entry->head, entry->request->field[field]);
}

/* The first line; without bytes where there is none. */
static struct piece
line_of(const struct accesslog_entry *entry)
{
	const struct request_span line = entry->request->line;

	if (line.n == 0)
		return (struct piece){ NULL, 0 };
	return request_piece(entry->head, line);
}

/* "2026-11-22T15:46:44Z", as RFC 3339 has it. */
static void
put_json_time(struct text *text, int64_t now_s)
{
	struct date date = date_of(now_s);

	datetext_put_day(text, &date);
	text_put(text, "T", 1);
	datetext_put_seconds(text, &date);
	text_put(text, "Z", 1);
}

void
accesslog_format_json(char ret_line[ACCESSLOG_SIZE],
    const struct accesslog_entry *entry)
{
	const struct piece referer = field_of(entry, REQUEST_REFERER);
	const struct piece agent = field_of(entry, REQUEST_USER_AGENT);
	struct text text;

	text_init(&text, ret_line, ACCESSLOG_SIZE - 1);
	text_put_string(&text, "{\"time\":\"");
	put_json_time(&text, entry->now_s);
	text_put(&text, "\"", 1);
	put_member(&text, "peer", piece_of(entry->peer_text), JSON_PEER_BYTES);
	put_member(&text, "user", piece_of(entry->user), JSON_USER_BYTES);
	put_member(&text, "host", request_host(entry->request, entry->head),
	    JSON_HOST_BYTES);
	put_member(&text, "request", line_of(entry), JSON_LINE_BYTES);
	text_put_string(&text, ",\"status\":");
	text_put_number(&text, (uint64_t)entry->status);
	text_put_string(&text, ",\"bytes\":");
	text_put_number(&text, (uint64_t)entry->body_bytes);
	put_member(&text, "referer", referer, JSON_REFERER_BYTES);
	put_member(&text, "user_agent", agent, JSON_AGENT_BYTES);
	text_put(&text, "}", 1);
	ret_line[text.n] = '\0';
}
