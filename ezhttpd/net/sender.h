/* SPDX-License-Identifier: MIT */
/* Sends to a client, for as long as it takes. */
#ifndef EZHTTPD_NET_SENDER_H
#define EZHTTPD_NET_SENDER_H

#include <stddef.h>
#include <stdint.h>

/* Room for a head of an answer, and behind it a small body. */
#define SENDER_BYTES (3 * 16384)

/* The way out to one client.  The descriptor is the caller's. */
struct sender {
	int fd;
	/* What the kernel has taken since the caller set this to 0. */
	int64_t sent_bytes;
	/* Where callers put their answers together. */
	char bytes[SENDER_BYTES];
};

/*
 * Sends `n` bytes.
 * Returns 0.  Fails with what send(2) says; then the connection can only be
 * cut.
 */
int sender_send(struct sender *sender, const char *bytes, size_t n);

/* As sender_send(), but tells the kernel that more follows at once. */
int sender_send_more(struct sender *sender, const char *bytes, size_t n);

/*
 * Sends `n` bytes of `file` from `offset` on.
 * Returns 0.  Fails as sender_send(), or with -EIO where the file has become
 * shorter.
 */
int sender_send_file(struct sender *sender, int file, int64_t offset,
    int64_t n);

#endif
