/* SPDX-License-Identifier: MIT */
/* Sends to a client, as long as it takes enough. */
#ifndef EZHTTPD_SENDER_H
#define EZHTTPD_SENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for a head of an answer, and behind it a small body. */
#define SENDER_BYTES (3 * 16384)

/*
 * The way out to one client.  The descriptor is the caller's.  While a client
 * takes all at once, no clock is read and no option set.
 */
struct sender {
	int fd;
	/* A send has not completed at once: sends now wait a second at most. */
	bool is_timed;
	/* How far the client may lag behind; see rate.h. */
	int64_t credit_ms;
	/* What the kernel has taken since the caller set this to 0. */
	int64_t sent_bytes;
	/* Where callers put their answers together. */
	char bytes[SENDER_BYTES];
};

void sender_init(struct sender *sender, int fd);

/*
 * Sends `n` bytes.
 * Returns 0.  Fails with -ETIMEDOUT (the client takes too little) or what
 * send(2) says; then the connection can only be cut.
 */
int sender_send(struct sender *sender, const char *bytes, size_t n);

/* As sender_send(), but tells the kernel that more follows at once. */
int sender_send_more(struct sender *sender, const char *bytes, size_t n);

/*
 * Sends `n` bytes of `file` from its beginning.
 * Returns 0.  Fails as sender_send(), or with -EIO where the file has become
 * shorter.
 */
int sender_send_file(struct sender *sender, int file, int64_t n);

#endif
