/* SPDX-License-Identifier: MIT */
/* Conditions on an answer (RFC 9110, 13), decided on values alone; pure. */
#ifndef EZHTTPD_HTTP_CONDITIONAL_H
#define EZHTTPD_HTTP_CONDITIONAL_H

#include <stdbool.h>
#include <stdint.h>

#include "common/slice.h"
#include "http/request.h"

/* What a list of tags says of the thing that is there. */
enum conditional_tags {
	CONDITIONAL_NO_TAGS,
	CONDITIONAL_TAG_LISTED,
	CONDITIONAL_TAG_NOT_LISTED,
};

/* What a request asks for; pieces with no bytes where it does not ask. */
struct conditional {
	enum conditional_tags match;
	enum conditional_tags none_match;
	struct piece unmodified_since;
	struct piece modified_since;
	struct piece range_if;
};

/* For the time of struct conditional_state: there is none. */
#define CONDITIONAL_NO_TIME INT64_C(-1)

/* The thing that is there, and the time. */
struct conditional_state {
	/* Its entity tag, a strong one. */
	struct piece tag;
	/* When it was modified, or CONDITIONAL_NO_TIME. */
	int64_t modified_s;
	int64_t now_s;
};

/*
 * Finds the conditions in the head of a request.  A list of tags may be spread
 * over several lines; of what may come only once and comes more often none is
 * taken.
 */
void conditional_read(struct conditional *ret_condition,
    const struct request *request, const char *head, struct piece tag);

/*
 * What to answer to GET or HEAD, in the order of RFC 9110, 13.2.2: 0 (the thing
 * itself), 304 or 412.  A date that cannot be read is no condition, and no date
 * is where the thing has none; a list of tags that cannot be read lists none.
 */
int conditional_status(const struct conditional *condition,
    const struct conditional_state *state);

/*
 * Whether a range may be served of it (RFC 9110, 13.1.5): the request has the
 * same state in mind, or does not care.
 */
bool conditional_may_range(const struct conditional *condition,
    const struct conditional_state *state);

#endif
