/* SPDX-License-Identifier: MIT */
/* What the machine and its control groups allow this process. */
#ifndef TS_OS_MACHINE_H
#define TS_OS_MACHINE_H

#include "core/capacity.h"

/*
 * Reads the memory of the machine, the limits of each control group that this
 * process is in, of version 1 and 2, and the limits of the process itself.
 * Files are read below the directory `root`, which is "/" but in tests.  Where
 * a file is missing or not understood, its limit is unknown.
 */
void ts_machine_read(const char *root, struct ts_machine *ret_machine);

#endif
