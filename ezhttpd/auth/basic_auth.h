/* SPDX-License-Identifier: MIT */
/* Who may come in: names and passwords, tried out by crypt(3). */
#ifndef EZHTTPD_AUTH_BASIC_AUTH_H
#define EZHTTPD_AUTH_BASIC_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <tcpserver.h>

#include "auth/credentials.h"
#include "auth/guess_limit.h"
#include "auth/htpasswd.h"
#include "common/slice.h"

/* How many try out a password at the same time, and how long others wait. */
#define LOGIN_TURNS 4
#define LOGIN_WAIT_MS 4000
/*
 * A wrong password is answered after so long, as long as its token is gone: a
 * client that waits for the answer can go on then.
 */
#define LOGIN_WRONG_MS GUESS_LIMIT_MS
/* A file has hashes of at most so many kinds and costs: each trial has all. */
#define LOGIN_COSTS 8
/* A digest of what a client has sent, with its end (SHA-256, crypt(5)). */
#define LOGIN_DIGEST_SIZE 44

/* Who is known; never changed while clients are served. */
struct login {
	/* Somebody has to be. */
	bool is_on;
	struct htpasswd htpasswd;
	char *text;
	/* For digests; another one at each start. */
	char setting[64];
	/* A hash of each cost that there is in the file. */
	const char *costs[LOGIN_COSTS];
	unsigned cost_count;
	/* Shared by all children; see guess_limit.h. */
	struct guess_limit *guesses;
	/* Trials in a second of one source. */
	uint32_t guesses_per_source;
};

/* What a connection has shown: what it shows again is not tried out again. */
struct login_pass {
	/* The value of Authorization that was found good, if any. */
	size_t n;
	char value[2 * CREDENTIALS_BYTES];
	/* Whose it is. */
	char user[HTPASSWD_NAME_BYTES + 1];
	/* Of a value that was found good before this process; "" for none. */
	char digest[LOGIN_DIGEST_SIZE];
};

/*
 * Reads a file of users.  What login_close() frees.
 * Returns 0, a negative errno, or -EBADMSG with *ret_fault.
 */
int login_open(struct login *ret_login, const char *path,
    struct htpasswd_fault *ret_fault);

void login_close(struct login *login);

/*
 * Looks at the value of Authorization, which may take some tenths of a second,
 * and longer where many want that at the same time.
 * Returns 0, or the status to send: 401, with *ret_was_tried where it was a
 * password that is wrong; 503; or 500, where a hash could not be made.
 */
int login_check(const struct login *login,
    const struct tcpserver_client *client, struct login_pass *pass,
    struct piece value, bool *ret_was_tried);

/* Writes the digest of what was found good, for the next process. */
void login_remember(const struct login *login, struct login_pass *pass);

#endif
