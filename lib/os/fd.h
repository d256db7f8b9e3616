/* SPDX-License-Identifier: MIT */
/* Descriptors as such: where they are, and which a child keeps. */
#ifndef TS_OS_FD_H
#define TS_OS_FD_H

#include <stdbool.h>

/*
 * The fixed numbers of a child's descriptors, so that rules can name them.
 * The parent keeps its own at TS_FD_PARENT or above: they never collide.
 */
enum ts_fd {
	TS_FD_CONNECTION = 3,
	TS_FD_ROOT = 4,
	TS_FD_RECORDS = 5,
	TS_FD_LOT = 6,
	TS_FD_TURNS = 7,
	/* The first of 16. */
	TS_FD_FOLDERS = 8,
	TS_FD_PARENT = 24,
	/* What a child opens beneath its folders comes to lie below or here. */
	TS_FD_CHILD_MOST = 63,
};

/*
 * Moves `fd` to a number not below `lowest`, close-on-exec.  `fd` is closed,
 * on failure too.  Fails with what fcntl(2) says.
 */
int ts_fd_raise(int *ret_fd, int fd, int lowest);

/* A copy of `fd` not below `lowest`, close-on-exec; `fd` stays open. */
int ts_fd_copy(int *ret_fd, int fd, int lowest);

/*
 * Opens the directory `path`, only to open others beneath it (O_PATH), at a
 * number for the parent.  Fails with what open(2) or fcntl(2) says.
 */
int ts_fd_open_folder(int *ret_fd, const char *path);

/*
 * Whether this process may list the folder `fd`, and open what is in it.
 * Returns 0, or what faccessat(2) says.
 */
int ts_fd_may_read_folder(int fd);

/*
 * Whether on this end of a socket pair nobody is left who could send, and
 * nothing that was sent: an empty message looks the same to recv(2).
 */
bool ts_fd_is_at_end(int fd);

/* Closes *fd if it is open (not -1) and sets it to -1. */
void ts_fd_close(int *fd);

#endif
