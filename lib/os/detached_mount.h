/* SPDX-License-Identifier: MIT */
/* A folder and what is beneath it, apart from what is above it. */
#ifndef TS_OS_DETACHED_MOUNT_H
#define TS_OS_DETACHED_MOUNT_H

/*
 * Replaces the folder *fd (O_PATH), which was opened by `path`, by the same one
 * as a mount of its own that is mounted nowhere: ".." does not lead out of it,
 * whatever the root directory is.  What is mounted beneath it now is there too,
 * until it is unmounted; what is mounted later is not.
 * All of it becomes read-only, nodev, nosuid and noexec; *ret_protected is 0,
 * or what mount_setattr(2) reports: -ENOSYS before Linux 5.12.
 * Where this process has left its mount namespace since, it is opened again.
 * Needs CAP_SYS_ADMIN over the mount namespace.  Fails, with *fd as it was,
 * with what open(2) or open_tree(2) says, or -ESTALE (the path leads to
 * another).
 */
int ts_subtree_detach(int *fd, const char *path, int *ret_protected);

#endif
