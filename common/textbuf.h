/* SPDX-License-Identifier: MIT */
/* Text put together in a buffer of fixed size. */
#ifndef COMMON_TEXTBUF_H
#define COMMON_TEXTBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A text under construction.  The buffer is the caller's.  Always true:
 * n <= size.  What does not fit is left out whole, nothing is added from
 * then on, and is_cut says so.
 */
struct text {
	char *bytes;
	size_t size;
	size_t n;
	bool is_cut;
};

/* Begins an empty text in `bytes`, which must outlive it. */
void text_init(struct text *text, char *bytes, size_t size);

/* Adds `n` bytes. */
void text_put(struct text *text, const char *bytes, size_t n);

/* Adds a string without its end. */
void text_put_string(struct text *text, const char *string);

/* Adds a number in decimal. */
void text_put_number(struct text *text, uint64_t number);

/* Adds a number in decimal, with zeros in front up to `width` digits. */
void text_put_padded(struct text *text, uint64_t number, unsigned width);

/* Adds bytes so that HTML shows them as they are, in attributes too. */
void text_put_html(struct text *text, const char *bytes, size_t n);

/*
 * Adds a path for use in a URL: all but unreserved characters and the slash
 * is percent-encoded (RFC 3986, 2.3), so the result is safe in HTML and in a
 * header field as well.
 */
void text_put_url(struct text *text, const char *bytes, size_t n);

#endif
