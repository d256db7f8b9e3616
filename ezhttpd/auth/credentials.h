/* SPDX-License-Identifier: MIT */
/* A name and a password, as a client sends them (RFC 7617); pure. */
#ifndef EZHTTPD_AUTH_CREDENTIALS_H
#define EZHTTPD_AUTH_CREDENTIALS_H

#include "auth/htpasswd.h"
#include "common/slice.h"

/* Longest password: crypt(3) takes no more. */
#define CREDENTIALS_PASSWORD_BYTES 511
#define CREDENTIALS_BYTES (HTPASSWD_NAME_BYTES + 1 + CREDENTIALS_PASSWORD_BYTES)

struct credentials {
	/* Strings in `text`. */
	const char *name;
	const char *password;
	/* Decoding writes three bytes at a time. */
	char text[CREDENTIALS_BYTES + 3];
};

/*
 * Reads the value of Authorization.  Narrower than RFC 4648: nothing but the
 * characters of its alphabet, padded, and no bits that mean nothing.
 * Returns 0, or -EBADMSG.
 */
int credentials_parse(struct credentials *ret_credentials, struct piece value);

#endif
