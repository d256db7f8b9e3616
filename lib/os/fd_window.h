/* SPDX-License-Identifier: MIT */
/*
 * The window: the numbers of descriptors by which children get their
 * connections while they still share the parent's table.
 *
 * A child that was started by ts_process_fork_sharing() sees the parent's table
 * until it has one of its own.  The parent therefore leaves the child's
 * connection at a number of the window, and uses that number again only when
 * the child has marked it or has ended.  In order:
 *
 *	parent	ts_fd_window_take()		the connection gets a number
 *	parent	ts_process_fork_sharing()
 *	child	ts_process_unshare_fds(TS_FD_PARENT)
 *	child	ts_fd_window_own()		marks the number, and keeps only
 *						its connection
 *	parent	ts_fd_window_sweep()		numbers that are marked are free
 *	parent	ts_fd_window_release()		at the child's end, or if the
 *						fork has failed
 *
 * The marks are in a page that parent and children share.  A child that marked
 * a number of another child would give that child a wrong connection: the
 * parent would put the next one there before the other had a table of its own.
 * ts_fd_window_own() therefore unmaps the page, before any byte of the client
 * is read.  Other processes of the parent call ts_fd_window_close().
 */
#ifndef TS_OS_FD_WINDOW_H
#define TS_OS_FD_WINDOW_H

#include <stdint.h>

#include "os/fd.h"

struct ts_fd_window_marks;

/*
 * Owned by the parent, in memory that its children inherit.  A number is in use
 * from ts_fd_window_take() until it is released or, marked, swept; while it is
 * in use, its descriptor is open.
 */
struct ts_fd_window {
	/* Which numbers are in use: bit i is number TS_FD_WINDOW + i. */
	uint64_t used;
	/* The lease of each number in use. */
	uint64_t leases[TS_FD_WINDOW_COUNT];
	uint64_t next_serial;
	struct ts_fd_window_marks *marks;
};

/* Maps the page of marks.  Fails with what mmap(2) says. */
int ts_fd_window_open(struct ts_fd_window *ret_window);

/*
 * Closes the numbers in use and unmaps the page, in a process with a table of
 * its own.  Harmless on a zeroed struct.
 */
void ts_fd_window_close(struct ts_fd_window *window);

/*
 * Duplicates `fd`, close-on-exec, to a free number of the window.  *ret_lease
 * names this use of the number, and no other one ever.  `fd` stays open and the
 * caller's.
 * Fails with -EAGAIN when all numbers are in use, or with what dup3(2) says.
 */
int ts_fd_window_take(struct ts_fd_window *window, int fd, uint64_t *ret_lease);

/*
 * In the child, whose table is its own by now: marks the number, unmaps the
 * page, moves the connection to TS_FD_CONNECTION and closes every descriptor
 * but 0 to 2 and those from TS_FD_CONNECTION to TS_FD_FOLDERS_LAST.
 * Fails with what dup3(2) or close_range(2) says; then the child must end.
 */
int ts_fd_window_own(struct ts_fd_window *window, uint64_t lease);

/*
 * Closes the number of `lease`, if it is still in use by it.  For a child that
 * has ended, whether or not it has marked the number.
 */
void ts_fd_window_release(struct ts_fd_window *window, uint64_t lease);

/*
 * Closes the numbers that are marked.  ts_fd_window_take() does so itself; the
 * caller does where the descriptor would otherwise stay open for too long.
 */
void ts_fd_window_sweep(struct ts_fd_window *window);

#endif
