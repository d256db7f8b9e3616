/* SPDX-License-Identifier: MIT */
/* Media types by a file's name. */
#ifndef EZHTTPD_FILES_MIME_H
#define EZHTTPD_FILES_MIME_H

#include <stddef.h>
#include <stdint.h>

struct mime_entry;

/* Whose a file of types is. */
enum mime_origin {
	/* The operator's: it goes before all that is built in. */
	MIME_OF_OPERATOR,
	/* The system's: some of what is built in goes before it. */
	MIME_OF_SYSTEM,
};

/*
 * A table of names and endings, sorted, loaded once and never changed.  It lies
 * in shared memory, so that a fork copies no page of it.
 */
struct mime {
	const struct mime_entry *entries;
	const char *strings;
	size_t count;
	size_t map_bytes;
};

/*
 * Loads `file`, in the form of /etc/mime.types, with the built-in table
 * behind it; NULL is none.  In addition to endings a line may have "/NAME", the
 * whole name of a file in whatever folder, and "*", which stands for all that
 * have no type otherwise.  The case of letters does not matter.
 * Text is said to be in `charset`, or nothing is said of it where that is NULL;
 * it has at most CHARSET_BYTES.
 * On success to be ended with mime_close().  Fails with what open(2), fstat(2)
 * or mmap(2) says, or -EFBIG.
 */
int mime_open(struct mime *ret_mime, const char *file, enum mime_origin origin,
    const char *charset);

void mime_close(struct mime *mime);

/*
 * The media type of a file of that name (`n` bytes, perhaps with folders in
 * front), with a charset where it is text.  Never NULL; lives with the table.
 */
const char *mime_type(const struct mime *mime, const char *name, size_t n);

/*
 * The content coding in which a file of that name is stored while its type is
 * that of what is coded; NULL for none.
 */
const char *mime_coding(const char *name, size_t n);

#endif
