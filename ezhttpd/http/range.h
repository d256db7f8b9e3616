/* SPDX-License-Identifier: MIT */
/* Ranges of bytes (RFC 9110, 14), asked for and served; pure. */
#ifndef EZHTTPD_HTTP_RANGE_H
#define EZHTTPD_HTTP_RANGE_H

#include <stdint.h>

#include "common/slice.h"

/*
 * Most ranges of an answer.  Programs that fetch the differences of two files
 * ask for 20 (zsync) to 256 (zchunk) at once.
 */
#define RANGE_COUNT 256
/* Ranges with so little between them are served as one: a part costs more. */
#define RANGE_GAP_BYTES 80

/* Always true: start >= 0, n > 0, and all of it is there. */
struct range {
	int64_t start;
	int64_t n;
};

/* Always true: ascending, and more than the gap apart from each other. */
struct ranges {
	unsigned count;
	struct range at[RANGE_COUNT];
};

/*
 * Reads what of something of `size` bytes, more than 0, is asked for.  Together
 * the ranges never have more bytes than it.  Ranges are joined while they are
 * read, and only what is then left is counted.
 * Returns 0: there are none if none can be satisfied.  Fails with -EBADMSG
 * (malformed, or another unit) and -EMSGSIZE (more than RANGE_COUNT); then the
 * field is to be ignored (RFC 9110, 14.2), and *ret_ranges says nothing.
 */
int range_parse(struct ranges *ret_ranges, struct piece text, int64_t size);

#endif
