/* SPDX-License-Identifier: MIT */
/* The path of a URL: from what a client asks to what may be opened. */
#ifndef EZHTTPD_HTTP_URL_PATH_H
#define EZHTTPD_HTTP_URL_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "http/request.h"

/*
 * Longest path, decoded, with its end: any that a request line has room for.
 * One that is longer than the kernel takes is opened in vain: it is not there.
 */
#define URLPATH_SIZE REQUEST_LINE_BYTES

/*
 * A path beneath the root, decoded once.  Always true: no slash at either
 * end, no empty segment, no segment that begins with a dot (but a first
 * ".well-known"), no backslash, no control byte.  The root itself is "".
 */
struct urlpath {
	char text[URLPATH_SIZE];
	size_t n;
	/* It ended in a slash, or in a dot segment: a folder is meant. */
	bool is_folder;
};

/*
 * Decodes the `n` bytes of a path that begins with a slash, resolves its dot
 * segments and drops empty ones.
 * Returns 0, or the status to send: 400 (malformed, ambiguous, or above the
 * root), 404 (a hidden name), 414 (too long).
 */
int urlpath_parse(struct urlpath *ret_path, const char *bytes, size_t n);

/*
 * True if a URL can have that path, here decoded, without a slash at either
 * end: none of its names is hidden, empty or ambiguous.
 */
bool urlpath_may_be(const char *bytes, size_t n);

/* True if a file of that name may be shown: neither hidden nor ambiguous. */
bool urlpath_may_show(const char *name);

#endif
