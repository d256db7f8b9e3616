/* SPDX-License-Identifier: MIT */
/*
 * The head of an HTTP/1 request: from bytes to meaning, strictly.
 *
 * What two parsers could read in two ways is an error here (RFC 9112 and
 * RFC 9110, where they leave a choice, read the narrow way): lines end in
 * CRLF, one space separates, nothing is folded, one Host and a good one.
 * One thing is taken as it comes: bytes from 0x80 up in a field value, which
 * browsers do send in cookies, and which RFC 9110, 5.5, calls opaque.
 */
#ifndef EZHTTPD_HTTP_PARSER_H
#define EZHTTPD_HTTP_PARSER_H

#include <stddef.h>

#include "http/request.h"

/*
 * Goes on reading the head that begins at `head`, of which `n` bytes are
 * there: all those of the calls before, and more.  The bytes that do not
 * belong where they stand are found as they come; what a part says is judged
 * when it is whole.  No byte is looked at more than a fixed number of times.
 * Returns the bytes the head takes.  Fails with -EAGAIN (more is needed),
 * -EBADMSG or -EMSGSIZE; request->status is then what to answer, and the
 * connection has to be closed, since nobody knows where the next head begins.
 */
int request_parse(struct request *request, const char *head, size_t n);

#endif
