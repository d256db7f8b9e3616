/* SPDX-License-Identifier: MIT */
/* Several ranges in one body: multipart/byteranges (RFC 9110, 14.6); pure. */
#ifndef EZHTTPD_HTTP_MULTIPART_H
#define EZHTTPD_HTTP_MULTIPART_H

#include <stdint.h>

#include "common/textbuf.h"
#include "http/range.h"

/* Bytes of a boundary, and of the type that names it, with its end. */
#define MULTIPART_BOUNDARY_BYTES 24
#define MULTIPART_TYPE_SIZE (MULTIPART_BOUNDARY_BYTES + 48)
/* No head of a part, and no end, is longer. */
#define MULTIPART_HEAD_BYTES 512

/* A body of several ranges of one thing. */
struct multipart {
	char boundary[MULTIPART_BOUNDARY_BYTES];
	/* The media type of the whole, which names the boundary. */
	char type[MULTIPART_TYPE_SIZE];
	/* The media type of each part. */
	const char *part_type;
	/* The size of the thing. */
	int64_t total;
	const struct ranges *ranges;
};

/* Begins a body; `seed` is to be another for every state of the thing. */
void multipart_init(struct multipart *ret_multipart, uint64_t seed);

/* Writes what stands before the bytes of range `i`. */
void multipart_put_head(struct text *text, const struct multipart *multipart,
    unsigned i);

/* Writes what stands behind the bytes of the last range. */
void multipart_put_end(struct text *text, const struct multipart *multipart);

/* How long the body will be. */
int64_t multipart_length(const struct multipart *multipart);

#endif
