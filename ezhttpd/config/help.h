/* SPDX-License-Identifier: MIT */
/* What --help says. */
#ifndef EZHTTPD_CONFIG_HELP_H
#define EZHTTPD_CONFIG_HELP_H

/* Lines, for a screen of 24 lines of 80 columns. */
extern const char help_text[];

#endif
