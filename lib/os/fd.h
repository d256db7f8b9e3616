/* SPDX-License-Identifier: MIT */
/* Descriptors as such: where they are, and which a child keeps. */
#ifndef TS_OS_FD_H
#define TS_OS_FD_H

#include <stdbool.h>

/*
 * The numbers of descriptors, in five ranges that never collide:
 *
 *	0 to 2		the standard streams
 *	3 to 63		the files that a child opens itself
 *	64 to 84	the descriptors that a child is given; rules of a
 *			filter name them
 *	96 to 159	the connections of children that still share the
 *			parent's table: see os/fd_window.h
 *	160 and above	the parent's own
 *
 * A child's RLIMIT_NOFILE is TS_FD_CHILD_MOST + 1.  No number that a rule names
 * is below it, so no file that a child opens can come to stand at one of them,
 * even after the child has closed what was there.
 */
enum ts_fd {
	/* The highest number at which a child can open a file. */
	TS_FD_CHILD_MOST = 63,
	TS_FD_CONNECTION = 64,
	TS_FD_ROOT = 65,
	TS_FD_RECORDS = 66,
	TS_FD_CHANNEL = 67,
	TS_FD_TURNS = 68,
	/* The first and the last of 16. */
	TS_FD_FOLDERS = 69,
	TS_FD_FOLDERS_LAST = 84,
	/* The first number of the window, and how many there are. */
	TS_FD_WINDOW = 96,
	TS_FD_WINDOW_COUNT = 64,
	TS_FD_PARENT = 160,
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
