/* SPDX-License-Identifier: MIT */
/* Entity tags (RFC 9110, 8.8.3): made of facts, found in lists; pure. */
#ifndef EZHTTPD_HTTP_ETAG_H
#define EZHTTPD_HTTP_ETAG_H

#include <stdint.h>

#include "common/slice.h"

/* A tag made here, with its quotes and without an end. */
#define ETAG_BYTES 18

/* What tells one state of a file from another. */
struct etag_facts {
	uint64_t inode;
	int64_t size;
	int64_t modified_s;
	int64_t modified_ns;
	int64_t changed_s;
	int64_t changed_ns;
};

/* RFC 9110, 8.8.3.2: whether weak tags count, too. */
enum etag_comparison {
	ETAG_STRONG,
	ETAG_WEAK,
};

/*
 * Writes a strong tag: facts that are mixed so that none of them can be read
 * off, and that give the same tag after a restart.
 */
void etag_format(char ret_tag[ETAG_BYTES], const struct etag_facts *facts);

/*
 * Looks for `tag`, a strong one, in a list of tags, or in `*`, which is all.
 * Returns 1 or 0; fails with -EBADMSG where the list is none.
 */
int etag_find(struct piece list, struct piece tag,
    enum etag_comparison comparison);

#endif
