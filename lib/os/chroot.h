/* SPDX-License-Identifier: MIT */
/* The root directory of a process (chroot(2)). */
#ifndef TS_OS_CHROOT_H
#define TS_OS_CHROOT_H

/*
 * Opens a folder in which there is nothing, and never can be: it was removed.
 * Fails with what mkdir(2) or open(2) says.
 */
int ts_root_open_empty(int *ret_fd);

/*
 * The folder `fd` (O_PATH) becomes the root, and the current directory.
 * Fails with what fchdir(2) or chroot(2) says.
 */
int ts_root_enter(int fd);

#endif
