/* SPDX-License-Identifier: MIT */
/*
 * How many passwords a source may try in a second; in memory that all children
 * share, without system calls and without locks.
 *
 * A trial takes a token before the password is hashed, and the token is gone
 * for a second whatever becomes of the connection or of the process: only a
 * right password gives it back.  So nobody saves the price of a wrong one by
 * not waiting for the answer.
 */
#ifndef EZHTTPD_AUTH_GUESS_LIMIT_H
#define EZHTTPD_AUTH_GUESS_LIMIT_H

#include <stdint.h>

/* Trials in a second: of one source, and of all together. */
#define GUESS_LIMIT_SOURCE 8
#define GUESS_LIMIT_ALL 1024
#define GUESS_LIMIT_MS 1000

/*
 * A token is taken while its end is ahead.  One whose end is further ahead than
 * any trial sets it counts as free: a child that was taken over wrote it.
 */
struct guess_token {
	_Atomic uint64_t source;
	_Atomic int64_t end_ms;
};

/* Begins with zeros. */
struct guess_limit {
	struct guess_token tokens[GUESS_LIMIT_ALL];
};

/* A token that was taken. */
struct guess_taken {
	uint32_t index;
	int64_t end_ms;
};

/*
 * The source of a client, from the text of its address: an IPv4 address, the
 * first 64 bits of an IPv6 address, or a user of a unix socket.
 */
uint64_t guess_limit_source(const char *peer_text);

/*
 * Takes a token at `now_ms` where the source has fewer than `most`.
 * Returns 0, or -EAGAIN.
 */
int guess_limit_take(struct guess_limit *limit, uint64_t source, uint32_t most,
    int64_t now_ms, struct guess_taken *ret_taken);

/* Gives a token back before its end; later that is harmless. */
void guess_limit_give_back(struct guess_limit *limit,
    const struct guess_taken *taken);

#endif
