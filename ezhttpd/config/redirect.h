/* SPDX-License-Identifier: MIT */
/* Paths that have moved, and where to; pure. */
#ifndef EZHTTPD_CONFIG_REDIRECT_H
#define EZHTTPD_CONFIG_REDIRECT_H

#include <stdbool.h>

#include "common/slice.h"
#include "http/url_path.h"

/* Longest place to go to. */
#define REDIRECT_TO_BYTES 2048

/*
 * A rule.  Where `has_rest`, it is for all paths beneath `from`, and what comes
 * after that is added to `to`; both then end in a slash, so that what is added
 * cannot become part of the name of a host.
 */
struct redirect {
	/* A path, decoded, without a slash in front. */
	struct piece from;
	/* What a Location begins with: a path or a URL, encoded. */
	struct piece to;
	bool has_rest;
};

/*
 * Reads a rule: "/old=/new", or with a star at the end of both for all that is
 * beneath.  The strings stay those of `word`, which has to outlive it.
 * Returns 0, or -EBADMSG.
 */
int redirect_parse(struct redirect *ret_redirect, const char *word);

/*
 * True if the rule is for that path; *ret_rest is then what is to be added,
 * not yet encoded.
 */
bool redirect_matches(const struct redirect *redirect,
    const struct urlpath *path, const char **ret_rest);

#endif
