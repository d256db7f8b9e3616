/* SPDX-License-Identifier: MIT */
/* How long copies of a file may be kept, by its path; pure. */
#ifndef EZHTTPD_CONFIG_CACHE_RULE_H
#define EZHTTPD_CONFIG_CACHE_RULE_H

#include "common/slice.h"

/* The longest value, with its end. */
#define CACHERULE_VALUE_SIZE 40

/* For the paths of a pattern, what Cache-Control says. */
struct cacherule {
	/* Not its own. */
	struct piece pattern;
	char value[CACHERULE_VALUE_SIZE];
};

/*
 * Reads "PATTERN=AGE" or "PATTERN=AGE,immutable", where the age is a number
 * with one of the units s, m, h, d, w and y or without, no-cache or no-store.
 * Returns 0 or -EBADMSG.
 */
int cacherule_parse(struct cacherule *ret_rule, const char *word);

#endif
