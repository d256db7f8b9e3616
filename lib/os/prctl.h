/* SPDX-License-Identifier: MIT */
/* What a process forbids itself (prctl(2)), for ever and for its children. */
#ifndef TS_OS_PRCTL_H
#define TS_OS_PRCTL_H

#include <sys/types.h>

/*
 * No program that it runs gains privileges, and nobody of the same user reads
 * its memory or traces it; it leaves no core file.  Fails with what prctl(2)
 * says.
 */
int ts_selfrule_stay_low(void);

/*
 * No memory becomes executable that was not so when it was made (Linux 6.3).
 * Fails with -EINVAL on an older kernel.
 */
int ts_selfrule_refuse_exec_gain(void);

/*
 * It is killed when `parent`, its parent, ends.  Fails with -ESRCH where that
 * has happened already.
 */
int ts_selfrule_die_with(pid_t parent);

#endif
