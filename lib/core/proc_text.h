/* SPDX-License-Identifier: MIT */
/*
 * The text of files of the kernel: memory and control groups.
 *
 * A text has `size` bytes and no NUL at its end.  It may be cut off anywhere.
 */
#ifndef TS_CORE_PROC_TEXT_H
#define TS_CORE_PROC_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Longest path of a control group, with its end. */
#define TS_PROC_TEXT_PATH_SIZE 4096

/*
 * The memory of the machine, from /proc/meminfo.
 * Returns 0, -ENOENT if it is not stated, or -EBADMSG.
 */
int ts_proc_text_memory(const char *text, size_t size, uint64_t *ret_bytes);

/*
 * A limit, as in memory.max and pids.max: a number, or "max" for UINT64_MAX.
 * Returns 0 or -EBADMSG.
 */
int ts_proc_text_limit(const char *text, size_t size, uint64_t *ret_limit);

/*
 * The path of a process in the hierarchy of `controller` ("memory"; "" for
 * that of version 2), from /proc/self/cgroup: "/system.slice", or "" for the
 * root.
 * Returns 0, -ENOENT if there is no such hierarchy, or -EBADMSG if its path
 * has no meaning here: it is not absolute, leads upwards or is too long.
 */
int ts_proc_text_cgroup(const char *text, size_t size, const char *controller,
    char ret_path[TS_PROC_TEXT_PATH_SIZE]);

#endif
