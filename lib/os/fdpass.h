/* SPDX-License-Identifier: MIT */
/*
 * Handing a descriptor to another process, with a message (unix(7),
 * SCM_RIGHTS).  Messages keep their bounds (SOCK_SEQPACKET).
 */
#ifndef TS_OS_FDPASS_H
#define TS_OS_FDPASS_H

#include <stddef.h>
#include <sys/types.h>

/*
 * A pair of ends, close-on-exec, at numbers for the parent; the caller closes
 * both.  ends[1] is told which process sent what.
 * Fails with what socketpair(2), setsockopt(2) or fcntl(2) says.
 */
int ts_fdpass_open(int ends[2]);

/*
 * Sends `fd` and a message without waiting; `fd` stays open here.
 * Fails with what sendmsg(2) says: -EAGAIN and -ETOOMANYREFS when there is no
 * room now.
 */
int ts_fdpass_send(int end, int fd, const void *message, size_t size);

/* The same, but waits for room. */
int ts_fdpass_send_waiting(int end, int fd, const void *message, size_t size);

/*
 * Takes one message of exactly `size` bytes with one descriptor, without
 * waiting; the caller closes *ret_fd.  *ret_pid is who sent it, where the end
 * is told.
 * Returns 1, 0 at the end (nobody is left to send), -EAGAIN when there is
 * none now, -EBADMSG for anything else, of which *ret_pid is known as well and
 * the descriptors are closed, or what recvmsg(2) says.
 */
int ts_fdpass_receive(int end, int *ret_fd, pid_t *ret_pid, void *message,
    size_t size);

#endif
