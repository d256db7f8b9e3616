/* SPDX-License-Identifier: MIT */
/*
 * The channel from children to their parent: messages keep their bounds
 * (SOCK_SEQPACKET), and the kernel names the sender (SCM_CREDENTIALS, see
 * unix(7)).  No descriptor passes.
 */
#ifndef TS_OS_CHANNEL_H
#define TS_OS_CHANNEL_H

#include <stddef.h>
#include <sys/types.h>

struct ts_channel {
	/* The children's end, and the parent's. */
	int write_fd;
	int read_fd;
};

/*
 * Opens both ends, at numbers for the parent; ts_channel_close() closes them.
 * Fails with what socketpair(2), setsockopt(2) or fcntl(2) says.
 */
int ts_channel_open(struct ts_channel *ret_channel);

/* Harmless where the descriptors are -1. */
void ts_channel_close(struct ts_channel *channel);

/*
 * In a child: sends a message without waiting.  Fails with what send(2) says:
 * -EAGAIN when there is no room now.
 */
int ts_channel_send(int write_fd, const void *message, size_t size);

/*
 * Takes one message of exactly `size` bytes, without waiting; *ret_pid is the
 * process that has sent it.
 * Returns 1; 0 when there is none now; -EBADMSG for one of another size, of
 * which *ret_pid is known as well; or what recvmsg(2) says.
 */
int ts_channel_receive(int read_fd, pid_t *ret_pid, void *message, size_t size);

#endif
