/* SPDX-License-Identifier: MIT */
/* The charset parameter of a media type (RFC 9110, 8.3.2). */
#ifndef EZHTTPD_HTTP_CHARSET_H
#define EZHTTPD_HTTP_CHARSET_H

/* Longest name of a charset. */
#define CHARSET_BYTES 40

#endif
