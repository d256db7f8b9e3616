/* SPDX-License-Identifier: MIT */
/* Heads of answers, and the small pages that go with some; pure. */
#ifndef EZHTTPD_HTTP_RESPONSE_H
#define EZHTTPD_HTTP_RESPONSE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/slice.h"
#include "common/textbuf.h"
#include "http/range.h"

/* The largest page of response_page(). */
#define RESPONSE_PAGE_BYTES 768
/* What such a page may load: nothing but its own style. */
#define RESPONSE_PAGE_POLICY "default-src 'none'; style-src 'unsafe-inline'"

/* For a field of struct response: not there. */
#define RESPONSE_NONE INT64_C(-1)

/*
 * What the head of an answer says.  Strings are NULL where there is nothing
 * to say; nothing in it is taken from the request unencoded.
 */
struct response {
	int status;
	/* The time, for Date. */
	int64_t now_s;
	/* The media type. */
	const char *type;
	/* Length of the body, or RESPONSE_NONE. */
	int64_t length;
	/* When it was last modified, or RESPONSE_NONE. */
	int64_t modified_s;
	/* Its entity tag, with no bytes where it has none. */
	struct piece tag;
	/* The content coding. */
	const char *coding;
	/* There may be others, by Accept-Encoding. */
	bool is_negotiated;
	/* It has two forms, by Accept. */
	bool has_forms;
	/* It is a listing that leaves names out. */
	bool is_cut;
	/* Ranges of it may be asked for. */
	bool has_ranges;
	/* The size of what a range is of, or RESPONSE_NONE. */
	int64_t total;
	/* That range; with no bytes where it cannot be satisfied. */
	struct range range;
	/*
	 * Where to go: how the place begins, encoded, absolute or relative; a
	 * path from there on, not encoded; whether it ends in a slash; and the
	 * query to keep on the way there, with no bytes where there is none.
	 * It is nowhere where there is no path.
	 */
	struct piece location;
	const char *path;
	bool has_slash;
	struct piece query;
	/* The policy for what it may load. */
	const char *policy;
	/* How long it may be kept. */
	const char *cache;
	/* Lines that the operator adds. */
	struct piece fields;
	/* Pages from elsewhere may read it. */
	bool has_cors;
	/* Say which methods there are. */
	bool has_methods;
	/* The connection ends with this answer. */
	bool is_last;
	/* The request was HTTP/1.0. */
	bool is_old;
};

/* Writes the head, up to and with the empty line. */
void response_format(struct text *text, const struct response *response);

/* Writes the field that says which range of how much it is. */
void response_put_range(struct text *text, struct range range, int64_t total);

/* Writes the page of a status: its name, a sentence, and a link to the root. */
void response_page(struct text *text, int status);

/* A whole answer for clients that cannot be served now. */
const char *response_refusal(void);

#endif
