/* SPDX-License-Identifier: MIT */
/* Descriptors 0 to 2: never free, so that no socket can become one. */
#ifndef TS_OS_STDIO_H
#define TS_OS_STDIO_H

/*
 * Opens those of descriptors 0 to 2 that are closed on /dev/null.
 * Returns 0, or what open(2) says.
 */
int ts_stdio_sanitise(void);

/*
 * A new descriptor on /dev/null, close-on-exec, not below `lowest`; the
 * caller closes it.  Fails with what open(2) or fcntl(2) says.
 */
int ts_stdio_open_null(int *ret_fd, int lowest);

#endif
