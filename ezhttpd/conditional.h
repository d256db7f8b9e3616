/* SPDX-License-Identifier: MIT */
/* Conditions on an answer (RFC 9110, 13), decided on values alone. */
#ifndef EZHTTPD_CONDITIONAL_H
#define EZHTTPD_CONDITIONAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a request asks for; NULL or false where it does not ask. */
struct conditional {
	const char *modified_since;
	size_t modified_since_bytes;
	/* If-Modified-Since came more than once: no valid date. */
	bool is_repeated;
	/* If-None-Match is there; it has the word then. */
	bool has_none_match;
};

/*
 * What to answer to GET or HEAD of something that was last modified at
 * `modified_s`, where `now_s` is the time: 0 (the thing itself) or 304.
 * A condition that cannot be read is no condition (13.1.3).
 */
int conditional_status(const struct conditional *condition, int64_t modified_s,
    int64_t now_s);

#endif
