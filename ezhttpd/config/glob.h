/* SPDX-License-Identifier: MIT */
/* Patterns for paths; pure. */
#ifndef EZHTTPD_CONFIG_GLOB_H
#define EZHTTPD_CONFIG_GLOB_H

#include <stdbool.h>

#include "common/slice.h"

/*
 * True if the pattern is all of the path: `*` stands for any bytes, slashes
 * too, `?` for any one, and all others for themselves.
 */
bool glob_matches(struct piece pattern, const char *path);

#endif
