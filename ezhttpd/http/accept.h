/* SPDX-License-Identifier: MIT */
/* Which media type a client would rather have (RFC 9110, 12.5.1); pure. */
#ifndef EZHTTPD_HTTP_ACCEPT_H
#define EZHTTPD_HTTP_ACCEPT_H

#include "common/slice.h"
#include "http/request.h"

/* The types that there are to choose from, the first being the usual one. */
enum accept_type {
	ACCEPT_HTML,
	ACCEPT_JSON,
	ACCEPT_TYPES,
};

/* What the list says of each type.  Zero it to begin. */
struct accept {
	struct accept_said {
		/* In thousandths, as in quality.h. */
		int quality;
		/* How closely the type was described; 0: nothing was said. */
		int closeness;
	} of[ACCEPT_TYPES];
};

/* The largest closeness. */
#define ACCEPT_CLOSENESS_MOST 7

/*
 * Reads a list as in Accept, and adds what is new in it: of two that describe
 * a type, the closer one counts, and of two that are as close the first.  A
 * range with a parameter other than charset=utf-8 describes no type that is
 * here.
 * Returns 0, or -EBADMSG.
 */
int accept_parse(struct accept *accept, struct piece list);

/*
 * The type for the client of that request: the usual one, unless it takes
 * another more willingly.  A list that cannot be read says nothing.
 */
enum accept_type accept_choose(const struct request *request, const char *head);

#endif
