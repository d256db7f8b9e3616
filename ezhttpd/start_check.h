/* SPDX-License-Identifier: MIT */
/* What the options name is looked at before the start. */
#ifndef EZHTTPD_START_CHECK_H
#define EZHTTPD_START_CHECK_H

#include "config/option_list.h"
#include "config/options.h"

/*
 * Ends the process with a sentence: `text`, of option `id`, is wrong, and this
 * is why.  Where it was given in the configuration file, its line is named.
 */
_Noreturn void start_check_fail(const struct options *options,
    const struct said *said, int id, const char *text, const char *why);

/*
 * Ends the process where a directory cannot be served.  Where pages are
 * missing, which may come later, it prints a warning for each.
 */
void start_check(const struct options *options, const struct said *said);

#endif
