/* SPDX-License-Identifier: MIT */
/* Heads of answers, and the small pages that go with some; pure. */
#include "http/response.h"

#include <string.h>

#include "common/date.h"
#include "http/location.h"

/* What is served, and asked about. */
#define METHODS "GET, HEAD, OPTIONS"

#define NO_CONTENT "Requests with content are not served here."

/* The name of a status (RFC 9110, 15), and what its page tells people. */
struct status_text {
	int status;
	const char *reason;
	const char *sentence;
};

static const struct status_text status_texts[] = {
	{ 200, "OK", "" },
	{ 206, "Partial Content", "" },
	{ 301, "Moved Permanently", "This page has another address now." },
	{ 304, "Not Modified", "" },
	{ 400, "Bad Request", "The request is malformed or ambiguous." },
	{ 401, "Unauthorized", "A user name and a password are required." },
	{ 403, "Forbidden", "This page may not be read." },
	{ 404, "Not Found", "There is no page at this address." },
	{ 405, "Method Not Allowed", "Files here can only be read." },
	{ 408, "Request Timeout", "The request did not arrive in time." },
	{ 411, "Length Required", NO_CONTENT },
	{ 412, "Precondition Failed", "The page is not the expected one." },
	{ 413, "Content Too Large", NO_CONTENT },
	{ 414, "URI Too Long", "The address is too long." },
	{ 416, "Range Not Satisfiable", "The file has no such part." },
	{ 417, "Expectation Failed", "The request expects too much." },
	{ 421, "Misdirected Request", "There is no https at this port." },
	{ 431, "Request Header Fields Too Large",
	    "The request has too many or too long header fields." },
	{ 501, "Not Implemented", "The server does not know such requests." },
	{ 503, "Service Unavailable",
	    "The server is busy. Please try again in a few seconds." },
	{ 505, "HTTP Version Not Supported", "Only HTTP/1 is served here." },
	/* The last one stands for all others. */
	{ 500, "Internal Server Error", "The server could not read the page." },
};

static const struct status_text *
find_text(int status)
{
	const size_t last = sizeof(status_texts) / sizeof(status_texts[0]) - 1;
	size_t i;

	for (i = 0; i < last; i++) {
		if (status_texts[i].status == status)
			return &status_texts[i];
	}
	return &status_texts[last];
}

static const char *
reason(int status)
{
	return find_text(status)->reason;
}

static void
put_field(struct text *text, const char *name, const char *value)
{
	text_put_string(text, name);
	text_put_string(text, value);
	text_put(text, "\r\n", 2);
}

static void
put_date(struct text *text, const char *name, int64_t seconds)
{
	char date[DATE_BYTES];

	date_format(date, seconds);
	text_put_string(text, name);
	text_put(text, date, sizeof(date));
	text_put(text, "\r\n", 2);
}

/*
 * The path has no empty segment, so what begins with one slash has no second;
 * and no backslash.
 */
static void
put_location(struct text *text, const struct response *response)
{
	text_put_string(text, "Location: ");
	if (response->location.n > 0)
		text_put(text, response->location.bytes, response->location.n);
	text_put_url(text, response->path, strlen(response->path));
	if (response->has_slash)
		text_put(text, "/", 1);
	if (response->query.n > 0) {
		text_put(text, "?", 1);
		location_put(text, response->query);
	}
	text_put(text, "\r\n", 2);
}

void
response_put_range(struct text *text, struct range range, int64_t total)
{
	text_put_string(text, "Content-Range: bytes ");
	if (range.n > 0) {
		text_put_number(text, (uint64_t)range.start);
		text_put(text, "-", 1);
		text_put_number(text, (uint64_t)(range.start + range.n - 1));
	} else {
		text_put(text, "*", 1);
	}
	text_put(text, "/", 1);
	text_put_number(text, (uint64_t)total);
	text_put(text, "\r\n", 2);
}

/* What tells this state of the thing, and this form, from others. */
static void
put_identity(struct text *text, const struct response *response)
{
	if (response->modified_s >= 0)
		put_date(text, "Last-Modified: ", response->modified_s);
	if (response->tag.n > 0) {
		text_put_string(text, "ETag: ");
		text_put(text, response->tag.bytes, response->tag.n);
		text_put(text, "\r\n", 2);
	}
	if (response->coding != NULL)
		put_field(text, "Content-Encoding: ", response->coding);
	if (response->is_negotiated)
		put_field(text, "Vary: ", "Accept-Encoding");
	if (response->has_forms)
		put_field(text, "Vary: ", "Accept");
	/* Yes, as a structured field (RFC 9651, 3.3.6) says it. */
	if (response->is_cut)
		put_field(text, "Listing-Cut: ", "?1");
	if (response->cache != NULL)
		put_field(text, "Cache-Control: ", response->cache);
	if (response->has_ranges)
		put_field(text, "Accept-Ranges: ", "bytes");
	if (response->total >= 0)
		response_put_range(text, response->range, response->total);
}

/* What the body is. */
static void
put_content(struct text *text, const struct response *response)
{
	if (response->type != NULL) {
		put_field(text, "Content-Type: ", response->type);
		put_field(text, "X-Content-Type-Options: ", "nosniff");
	}
	if (response->length >= 0) {
		text_put_string(text, "Content-Length: ");
		text_put_number(text, (uint64_t)response->length);
		text_put(text, "\r\n", 2);
	}
	put_identity(text, response);
	if (response->policy != NULL)
		put_field(text, "Content-Security-Policy: ", response->policy);
}

/* The Fetch standard, 3.2: pages from anywhere may read this. */
static void
put_cors(struct text *text, bool has_methods)
{
	put_field(text, "Access-Control-Allow-Origin: ", "*");
	put_field(text, "Access-Control-Expose-Headers: ", "*");
	if (!has_methods)
		return;
	put_field(text, "Access-Control-Allow-Methods: ", METHODS);
	put_field(text, "Access-Control-Allow-Headers: ", "*, Authorization");
	put_field(text, "Access-Control-Max-Age: ", "86400");
}

void
response_format(struct text *text, const struct response *response)
{
	text_put_string(text, "HTTP/1.1 ");
	text_put_number(text, (uint64_t)response->status);
	text_put(text, " ", 1);
	put_field(text, reason(response->status), "");
	put_field(text, "Server: ", "ezhttpd");
	put_date(text, "Date: ", response->now_s);
	put_content(text, response);
	if (response->path != NULL)
		put_location(text, response);
	if (response->status == 401)
		put_field(text, "WWW-Authenticate: ",
		    "Basic realm=\"files\", charset=\"UTF-8\"");
	if (response->has_methods)
		put_field(text, "Allow: ", METHODS);
	if (response->has_cors)
		put_cors(text, response->has_methods);
	if (response->fields.n > 0)
		text_put(text, response->fields.bytes, response->fields.n);
	if (response->status == 503)
		put_field(text, "Retry-After: ", "5");
	if (response->is_last)
		put_field(text, "Connection: ", "close");
	else if (response->is_old)
		put_field(text, "Connection: ", "keep-alive");
	text_put(text, "\r\n", 2);
}

void
response_page(struct text *text, int status)
{
	const struct status_text *words = find_text(status);

	text_put_string(text,
	    "<!DOCTYPE html><html lang=en><meta charset=utf-8>"
	    "<meta name=viewport content=\"width=device-width\">"
	    "<meta name=color-scheme content=\"light dark\"><title>");
	text_put_string(text, words->reason);
	text_put_string(text,
	    "</title><style>"
	    "body{font:16px/1.5 system-ui,sans-serif;max-width:36rem;"
	    "margin:10vh auto;padding:0 1rem}"
	    "@media(prefers-color-scheme:dark){"
	    "body{color:#e4e6e8;background:#16181a}a{color:#8cb4ff}}"
	    "</style><h1>");
	text_put_number(text, (uint64_t)status);
	text_put(text, " ", 1);
	text_put_string(text, words->reason);
	text_put_string(text, "</h1>\n<p>");
	text_put_string(text, words->sentence);
	text_put_string(text, "</p>\n<p><a href=\"/\">Start page</a></p>\n");
}

const char *
response_refusal(void)
{
	return "HTTP/1.1 503 Service Unavailable\r\n"
	       "Server: ezhttpd\r\n"
	       "Content-Type: text/plain; charset=utf-8\r\n"
	       "X-Content-Type-Options: nosniff\r\n"
	       "Content-Length: 40\r\n"
	       "Retry-After: 5\r\n"
	       "Connection: close\r\n"
	       "\r\n"
	       "All places are taken; please try again.\n";
}
