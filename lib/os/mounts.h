/* SPDX-License-Identifier: MIT */
/* The mounts that this process sees (mount_namespaces(7)). */
#ifndef TS_OS_MOUNTS_H
#define TS_OS_MOUNTS_H

#include <stdbool.h>

/*
 * Whether the directory `fd`, and all that is mounted beneath it, is read-only.
 * Not known without /proc: then it counts as writable.
 */
bool ts_mounts_are_read_only(int fd);

#endif
