/* SPDX-License-Identifier: MIT */
/* The head of an HTTP/1 request, as a parser leaves it. */
#ifndef EZHTTPD_HTTP_REQUEST_H
#define EZHTTPD_HTTP_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/slice.h"

/* Longest request line, without its end; longer is answered with 414. */
#define REQUEST_LINE_BYTES 8192
/* Longest head, all of it; longer is answered with 431. */
#define REQUEST_HEAD_BYTES 16384
/* Most fields in a head; more are answered with 431. */
#define REQUEST_FIELDS 100
/* Longest method; longer ones are unknown, and answered with 501. */
#define REQUEST_METHOD_BYTES 32

enum request_method {
	REQUEST_NONE,
	REQUEST_GET,
	REQUEST_HEAD,
	REQUEST_OPTIONS,
	/* Known, and not for files. */
	REQUEST_CONNECT,
	REQUEST_FOREIGN,
	REQUEST_UNKNOWN,
};

/* What body a request announces, in good form. */
enum request_body {
	REQUEST_NO_BODY,
	REQUEST_BODY_OF_LENGTH,
	REQUEST_BODY_CHUNKED,
};

/* The fields that are kept.  All others are checked and forgotten. */
enum request_field {
	REQUEST_HOST,
	REQUEST_CONNECTION,
	REQUEST_CONTENT_LENGTH,
	REQUEST_TRANSFER_ENCODING,
	REQUEST_EXPECT,
	REQUEST_RANGE,
	REQUEST_IF_RANGE,
	REQUEST_IF_MATCH,
	REQUEST_IF_NONE_MATCH,
	REQUEST_IF_MODIFIED_SINCE,
	REQUEST_IF_UNMODIFIED_SINCE,
	REQUEST_ACCEPT,
	REQUEST_ACCEPT_ENCODING,
	REQUEST_AUTHORIZATION,
	REQUEST_REFERER,
	REQUEST_USER_AGENT,
	REQUEST_FIELD_COUNT,
};

/* A part of the head: where it begins, how long it is; start 0 is absent. */
struct request_span {
	uint16_t start;
	uint16_t n;
};

/*
 * A head being read.  Zero it to begin.  It holds places in the head, no
 * pointers, so the caller may move the bytes between two calls.
 */
struct request {
	/* 400 and up, once the parser has refused; else 0. */
	int status;
	enum request_method method;
	/* 0 or 1: HTTP/1.0, or HTTP/1.1 and later versions of HTTP/1. */
	int minor;
	/* The target's path; absent in `*` and in an absolute URL without. */
	struct request_span path;
	/* What follows the target's `?`, without it; absent where there is
	 * none. */
	struct request_span query;
	/* In an absolute target: host and port. */
	struct request_span authority;
	/* The first line, or what there is of it, for the log. */
	struct request_span line;
	struct request_span field[REQUEST_FIELD_COUNT];
	/* Bit i: field i came more than once. */
	uint32_t repeated;
	enum request_body body;
	/* The client wants the connection kept. */
	bool is_kept;

	/* The parser's own: which part it is in, and where that begins. */
	uint8_t part;
	uint16_t part_start;
	/* Where the request line begins. */
	uint16_t line_start;
	/* How far it was looked. */
	uint16_t scanned;
	uint16_t fields;
	struct request_span target;
	struct request_span name;
	bool has_empty_line;
	bool is_whole;
	bool says_close;
	bool says_keep_alive;
};

/* True if the head had that field. */
static inline bool
request_has(const struct request *request, enum request_field field)
{
	return request->field[field].start != 0;
}

/* The bytes of a part. */
static inline struct piece
request_piece(const char *head, struct request_span span)
{
	return (struct piece){ head + span.start, span.n };
}

/*
 * The host that is asked for, with no bytes where none is: HTTP/1.0 need not
 * say Host.  RFC 9112, 3.2.2: that of an absolute target goes before Host.
 */
static inline struct piece
request_host(const struct request *request, const char *head)
{
	if (request->authority.start != 0)
		return request_piece(head, request->authority);
	if (request_has(request, REQUEST_HOST))
		return request_piece(head, request->field[REQUEST_HOST]);
	return (struct piece){ NULL, 0 };
}

/* The path as it was asked for; "/" where an absolute target has none. */
static inline struct piece
request_path(const struct request *request, const char *head)
{
	static const struct piece root = PIECE_OF("/");

	return request->path.start != 0 ? request_piece(head, request->path)
					: root;
}

/* The query, with no bytes where there is none. */
static inline struct piece
request_query(const struct request *request, const char *head)
{
	return request_piece(head, request->query);
}

/* Where in the head these bytes are. */
static inline struct request_span
request_span(const char *head, struct piece piece)
{
	return (struct request_span){
		.start = (uint16_t)(piece.bytes - head),
		.n = (uint16_t)piece.n,
	};
}

#endif
