/* SPDX-License-Identifier: MIT */
/* Lines of the access log, in the Combined Log Format or in JSON; pure. */
#ifndef EZHTTPD_HANDLER_ACCESS_LOG_H
#define EZHTTPD_HANDLER_ACCESS_LOG_H

#include <stdint.h>

#include "common/textbuf.h"
#include "http/request.h"

/* The longest line, with its end. */
#define ACCESSLOG_SIZE 4096

/* One request, and what became of it. */
struct accesslog_entry {
	const char *peer_text;
	/* Who the client says it is, and has proved; NULL: nobody. */
	const char *user;
	int64_t now_s;
	/* The head, and where its parts are. */
	const char *head;
	const struct request *request;
	int status;
	/* Those that were sent, not those that were announced. */
	int64_t body_bytes;
};

/* Writes the line of an entry as a string without a newline. */
typedef void accesslog_writer(char ret_line[ACCESSLOG_SIZE],
    const struct accesslog_entry *entry);

/*
 * Writes the line as a string without a newline.  What came from the client
 * is cut to a length, its quotes and backslashes are escaped; control bytes
 * are left to who writes the log.  Of the name of a user, what is no part of a
 * token and no slash is percent-encoded.
 */
void accesslog_format(char ret_line[ACCESSLOG_SIZE],
    const struct accesslog_entry *entry);

/*
 * As accesslog_format(), but writes an object of JSON, in printable ASCII: the
 * line is a good one whatever the client has sent.  Of each part that is too
 * long the beginning is there; one that is not there at all is null.
 */
void accesslog_format_json(char ret_line[ACCESSLOG_SIZE],
    const struct accesslog_entry *entry);

#endif
