/* SPDX-License-Identifier: MIT */
/*
 * The way from all processes to the logger: one socket on which each message
 * is one record (SOCK_SEQPACKET), never waited for by a sender.
 *
 * Both ends stay open in the parent, so that a new logger can take the place
 * of one that has died; the logger itself holds only the reading one, and so
 * sees the end when the last sender is gone.
 */
#ifndef TS_OS_LOG_SOCKET_H
#define TS_OS_LOG_SOCKET_H

#include <stddef.h>
#include <sys/types.h>

/* Longest record; what is longer is cut. */
#define TS_RECORDS_BYTES ((size_t)4095)

struct ts_records {
	int write_fd;
	int read_fd;
};

/* Fails with what socketpair(2) or fcntl(2) says. */
int ts_records_open(struct ts_records *ret_records);

/* Harmless where the descriptors are -1. */
void ts_records_close(struct ts_records *records);

/* Sends one record.  Returns 0, or what send(2) says: -EAGAIN: lost. */
int ts_records_send(int write_fd, const char *text, size_t size);

/*
 * Waits for the next record and copies it to `buffer`.
 * Returns its size, 0 at the end, -EBADMSG for an empty one, or what recv(2)
 * says.
 */
ssize_t ts_records_receive(int read_fd, char *buffer, size_t size);

/* The same without waiting: -EAGAIN when there is none now. */
ssize_t ts_records_receive_now(int read_fd, char *buffer, size_t size);

#endif
