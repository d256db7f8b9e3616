/* SPDX-License-Identifier: MIT */
/* Users and the hashes of their passwords, as htpasswd(1) keeps them; pure. */
#ifndef EZHTTPD_AUTH_HTPASSWD_H
#define EZHTTPD_AUTH_HTPASSWD_H

#include <stdbool.h>
#include <stddef.h>

/* As many users as there may be. */
#define HTPASSWD_USERS 1024
/* Longest name of a user. */
#define HTPASSWD_NAME_BYTES 255

/* A user; the hash is as in crypt(5). */
struct htpasswd_user {
	const char *name;
	const char *hash;
	/* Where it stands, counted from 1. */
	unsigned line;
};

struct htpasswd {
	struct htpasswd_user users[HTPASSWD_USERS];
	unsigned count;
};

/* What is wrong with a file, and in which line. */
struct htpasswd_fault {
	const char *what;
	unsigned line;
};

/*
 * Reads the file's `n` bytes, behind which there is one more: lines
 * "name:hash", blank ones, and those that begin with `#`.  The text is cut
 * into strings, and has to outlive the result.  Hashes are taken of kinds that
 * are made for passwords, whole, and at a cost that a server can bear: bcrypt
 * up to 14, SHA-512 and SHA-256 up to 1,000,000 rounds, yescrypt up to 64 MiB.
 * Returns 0, or -EBADMSG with *ret_fault.
 */
int htpasswd_parse(struct htpasswd *ret_htpasswd, char *text, size_t n,
    struct htpasswd_fault *ret_fault);

/* Whether crypt(3) takes as long for the one hash as for the other. */
bool htpasswd_is_same_cost(const char *hash, const char *other);

/* The hash of that user, or NULL. */
const char *htpasswd_find(const struct htpasswd *htpasswd, const char *name);

#endif
