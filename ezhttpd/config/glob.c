/* SPDX-License-Identifier: MIT */
/* Patterns for paths; pure. */
#include "config/glob.h"

/*
 * Only the last star ever has to be tried anew: those before it have matched
 * as little as they can, and more would not help.
 */
bool
glob_matches(struct piece pattern, const char *path)
{
	const char *retry = NULL;
	size_t behind_star = 0;
	size_t i = 0;

	while (*path != '\0') {
		if (i < pattern.n && pattern.bytes[i] == '*') {
			behind_star = ++i;
			retry = path;
		} else if (i < pattern.n &&
		    (pattern.bytes[i] == '?' || pattern.bytes[i] == *path)) {
			i++;
			path++;
		} else if (retry != NULL) {
			i = behind_star;
			path = ++retry;
		} else {
			return false;
		}
	}
	while (i < pattern.n && pattern.bytes[i] == '*')
		i++;
	return i == pattern.n;
}
