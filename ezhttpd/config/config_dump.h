/* SPDX-License-Identifier: MIT */
/* Writes the configuration that holds, as a configuration file. */
#ifndef EZHTTPD_CONFIG_CONFIG_DUMP_H
#define EZHTTPD_CONFIG_CONFIG_DUMP_H

#include <stdio.h>

#include "config/option_list.h"
#include "config/options.h"

/* The first word that cannot stand in a configuration file, or NULL. */
const char *effective_misfit(const struct said *said);

/*
 * Writes to `stream` what was said and counts, in the order of the table, and
 * what holds by default as comments.  All addresses are written as of --listen,
 * in the order in which they are listened on.  There is no misfit; read again,
 * it says the same.
 */
void effective_write(FILE *stream, const struct options *options,
    const struct said *said);

#endif
