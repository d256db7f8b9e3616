/* SPDX-License-Identifier: MIT */
/* Conditions on an answer (RFC 9110, 13), decided on values alone; pure. */
#include "http/conditional.h"

#include "common/date.h"
#include "http/etag.h"
#include "http/field.h"

static enum conditional_tags
read_tags(const struct request *request, const char *head,
    enum request_field field, struct piece tag, enum etag_comparison comparison)
{
	enum conditional_tags tags = CONDITIONAL_TAG_NOT_LISTED;
	struct piece list;
	size_t at = 0;

	if (!request_has(request, field))
		return CONDITIONAL_NO_TAGS;
	while (field_next(request, head, field, &at, &list)) {
		if (etag_find(list, tag, comparison) > 0)
			tags = CONDITIONAL_TAG_LISTED;
	}
	return tags;
}

/* A field that has a meaning only if it came once. */
static struct piece
read_once(const struct request *request, const char *head,
    enum request_field field)
{
	if (!request_has(request, field) ||
	    (request->repeated >> field & 1) != 0)
		return (struct piece){ 0 };
	return request_piece(head, request->field[field]);
}

void
conditional_read(struct conditional *ret_condition,
    const struct request *request, const char *head, struct piece tag)
{
	*ret_condition = (struct conditional){
		.match = read_tags(request, head, REQUEST_IF_MATCH, tag,
		    ETAG_STRONG),
		.none_match = read_tags(request, head, REQUEST_IF_NONE_MATCH,
		    tag, ETAG_WEAK),
		.unmodified_since =
		    read_once(request, head, REQUEST_IF_UNMODIFIED_SINCE),
		.modified_since =
		    read_once(request, head, REQUEST_IF_MODIFIED_SINCE),
		.range_if = read_once(request, head, REQUEST_IF_RANGE),
	};
	/* A condition that cannot be read does not hold. */
	if ((request->repeated >> REQUEST_IF_RANGE & 1) != 0)
		ret_condition->range_if = (struct piece){ head, 1 };
}

static bool
is_date(struct piece text, int64_t now_s, int64_t *ret_s)
{
	return text.n > 0 && date_parse(ret_s, text.bytes, text.n, now_s) == 0;
}

/*
 * RFC 9110, 13.1.3 and 13.1.4: a date with which the thing can be compared,
 * since it has one itself.
 */
static bool
is_comparable(struct piece text, const struct conditional_state *state,
    int64_t *ret_s)
{
	return state->modified_s != CONDITIONAL_NO_TIME &&
	    is_date(text, state->now_s, ret_s);
}

/* Steps 1 and 2: whether the client has the state in mind that is there. */
static bool
is_expected(const struct conditional *condition,
    const struct conditional_state *state)
{
	int64_t since_s;

	if (condition->match != CONDITIONAL_NO_TAGS)
		return condition->match == CONDITIONAL_TAG_LISTED;
	if (is_comparable(condition->unmodified_since, state, &since_s))
		return state->modified_s <= since_s;
	return true;
}

/* Steps 3 and 4: whether the client has not got it yet. */
static bool
is_new(const struct conditional *condition,
    const struct conditional_state *state)
{
	int64_t since_s;

	if (condition->none_match != CONDITIONAL_NO_TAGS)
		return condition->none_match == CONDITIONAL_TAG_NOT_LISTED;
	if (is_comparable(condition->modified_since, state, &since_s))
		return state->modified_s > since_s;
	return true;
}

int
conditional_status(const struct conditional *condition,
    const struct conditional_state *state)
{
	if (!is_expected(condition, state))
		return 412;
	return is_new(condition, state) ? 0 : 304;
}

bool
conditional_may_range(const struct conditional *condition,
    const struct conditional_state *state)
{
	const struct piece text = condition->range_if;
	int64_t since_s;

	if (text.bytes == NULL)
		return true;
	/* RFC 9110, 8.8.2.2: within its second a date is no strong validator.
	 */
	if (is_date(text, state->now_s, &since_s))
		return state->modified_s != CONDITIONAL_NO_TIME &&
		    since_s == state->modified_s && state->now_s - since_s > 1;
	return text.n > 1 && etag_find(text, state->tag, ETAG_STRONG) > 0;
}
