/* SPDX-License-Identifier: MIT */
/* Reads the command line, and the configuration file that it names. */
#ifndef EZHTTPD_CONFIG_COMMAND_LINE_H
#define EZHTTPD_CONFIG_COMMAND_LINE_H

#include "config/option_list.h"
#include "config/options.h"

/*
 * Reads both: what the file says first, then what the command line says, whose
 * folder and addresses replace those of the file.  The words are those of argv,
 * and copies of those of the file; they live as long as the process.  *ret_said
 * is to be ended with said_release().
 * Ends the process itself where there is nothing more to do: with 0 after
 * --help and --version, with 2 and a sentence on stderr when something is
 * wrong.
 */
void commandline_read(struct options *ret_options, struct said *ret_said,
    int argc, char **argv);

/* Ends the process: `what` of the command line is wrong, and this is why. */
_Noreturn void commandline_refuse(const char *what, const char *fault);

#endif
