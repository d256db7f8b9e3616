/* SPDX-License-Identifier: MIT */
/* Media types by the ending of a file's name. */
#ifndef EZHTTPD_FILES_MIME_H
#define EZHTTPD_FILES_MIME_H

#include <stddef.h>
#include <stdint.h>

struct mime_entry;

/*
 * A table of endings, sorted, loaded once and never changed.  It lies in
 * shared memory, so that a fork copies no page of it.
 */
struct mime {
	const struct mime_entry *entries;
	const char *strings;
	size_t count;
	size_t map_bytes;
};

/*
 * Loads `file`, in the form of /etc/mime.types, with the built-in table
 * behind it; NULL is none.  Text is said to be in `charset`, or nothing is said
 * of it where that is NULL; it has at most CHARSET_BYTES.
 * On success to be ended with mime_close().  Fails with what open(2), fstat(2)
 * or mmap(2) says, or -EFBIG.
 */
int mime_open(struct mime *ret_mime, const char *file, const char *charset);

void mime_close(struct mime *mime);

/*
 * The media type of a file of that name (`n` bytes, perhaps with folders in
 * front), with a charset where it is text.  Never NULL; lives with the table.
 */
const char *mime_type(const struct mime *mime, const char *name, size_t n);

#endif
