/* SPDX-License-Identifier: MIT */
/* Lines of /proc/self/mountinfo, see proc(5). */
#ifndef TS_CORE_MOUNTINFO_H
#define TS_CORE_MOUNTINFO_H

#include <stdbool.h>

/*
 * Whether the mount that `line` describes lies beneath `directory` (an absolute
 * path without a slash at its end, or "/") and can be written to.  A mount on
 * `directory` itself does not lie beneath it.  A line that cannot be read
 * counts as such a mount.
 */
bool ts_mountinfo_is_writable_beneath(const char *line, const char *directory);

#endif
