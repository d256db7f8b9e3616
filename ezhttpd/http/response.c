/* SPDX-License-Identifier: MIT */
/* Heads of answers, and the small pages that go with some; pure. */
#include "http/response.h"

#include <string.h>

#include "common/date.h"
#include "http/location.h"

/* What is served, and asked about. */
#define METHODS "GET, HEAD, OPTIONS"

/* RFC 9110, 15. */
static const char *
reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} reasons[] = {
		{ 200, "OK" },
		{ 206, "Partial Content" },
		{ 301, "Moved Permanently" },
		{ 304, "Not Modified" },
		{ 400, "Bad Request" },
		{ 401, "Unauthorized" },
		{ 403, "Forbidden" },
		{ 404, "Not Found" },
		{ 405, "Method Not Allowed" },
		{ 408, "Request Timeout" },
		{ 411, "Length Required" },
		{ 412, "Precondition Failed" },
		{ 413, "Content Too Large" },
		{ 414, "URI Too Long" },
		{ 416, "Range Not Satisfiable" },
		{ 417, "Expectation Failed" },
		{ 421, "Misdirected Request" },
		{ 431, "Request Header Fields Too Large" },
		{ 501, "Not Implemented" },
		{ 503, "Service Unavailable" },
		{ 505, "HTTP Version Not Supported" },
	};
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].status == status)
			return reasons[i].reason;
	}
	return "Internal Server Error";
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
	text_put_string(text,
	    "<!DOCTYPE html><meta charset=utf-8>"
	    "<meta name=color-scheme content=\"light dark\"><title>");
	text_put_string(text, reason(status));
	text_put_string(text, "</title><h1>");
	text_put_number(text, (uint64_t)status);
	text_put(text, " ", 1);
	text_put_string(text, reason(status));
	text_put_string(text, "</h1>\n");
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
