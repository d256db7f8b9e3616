/* SPDX-License-Identifier: MIT */
/* Conditions on an answer (RFC 9110, 13), decided on values alone. */
#include "conditional.h"

#include "date.h"

int
conditional_status(const struct conditional *condition, int64_t modified_s,
    int64_t now_s)
{
	int64_t since_s;
	int r;

	if (condition->modified_since == NULL || condition->is_repeated ||
	    condition->has_none_match)
		return 0;
	r = date_parse(&since_s, condition->modified_since,
	    condition->modified_since_bytes, now_s);
	if (r < 0)
		return 0;
	return modified_s <= since_s ? 304 : 0;
}
