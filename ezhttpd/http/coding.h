/* SPDX-License-Identifier: MIT */
/* Content codings (RFC 9110, 8.4.1), and which of them a client takes; pure. */
#ifndef EZHTTPD_HTTP_CODING_H
#define EZHTTPD_HTTP_CODING_H

#include <stdbool.h>
#include <stddef.h>

#include "common/slice.h"
#include "http/request.h"

/* Those that are served, the best first, and the absence of one. */
enum coding {
	CODING_BR,
	CODING_ZSTD,
	CODING_GZIP,
	CODING_IDENTITY,
	CODING_COUNT,
};

/*
 * What a client takes how willingly, from 0, which is not at all, to
 * QUALITY_ONE; or QUALITY_NONE.
 */
struct coding_qualities {
	int of[CODING_COUNT];
	/* Of all those that it does not name. */
	int of_others;
};

/*
 * Reads a list as in Accept-Encoding (RFC 9110, 12.5.3), and adds what is new
 * in it.
 * Returns 0, or -EBADMSG.
 */
int coding_parse(struct coding_qualities *qualities, struct piece list);

/*
 * The codings to look for, best first, for the client of that request.  What
 * it cannot be understood to take is not among them, nor is anything that it
 * takes less willingly than what has no coding.
 * Returns how many there are.
 */
size_t coding_choose(enum coding ret_choice[CODING_COUNT],
    const struct request *request, const char *head);

/* As in Content-Encoding. */
const char *coding_name(enum coding coding);

/* The ending of a file that is in it. */
const char *coding_ending(enum coding coding);

/* False for a media type that is compressed in itself. */
bool coding_may_help(const char *type);

#endif
