/* SPDX-License-Identifier: MIT */
/*
 * The rule of fairness: may this source have one more, and who goes.
 *
 * A newcomer
 *
 *  1. replaces one of its own source, if that has its share already;
 *  2. replaces one of the heaviest source of its group, if the group has its
 *     share already;
 *  3. is admitted, if there is a place;
 *  4. replaces one of the heaviest source of all, if that, or its group, holds
 *     at least two more than the newcomer's;
 *  5. replaces the stalest connection of all, if that is overdue;
 *  6. is refused.
 *
 * The one that is replaced is the stalest of its source.
 *
 * So with 8 places or more, while any source holds two of them, a newcomer
 * whose source holds none gets in.
 */
#ifndef TS_CORE_SRCLIMIT_H
#define TS_CORE_SRCLIMIT_H

#include "core/source_table.h"

/*
 * How many connections there may be: in all (at most the holders' capacity),
 * of a source, of a group.
 */
struct ts_srclimit {
	uint32_t all;
	uint32_t source;
	uint32_t group;
};

enum ts_srclimit_verdict {
	TS_SRCLIMIT_ADMIT,
	/* Admit, when the victim has gone. */
	TS_SRCLIMIT_REPLACE,
	TS_SRCLIMIT_REFUSE,
};

/* Which of the rules has spoken. */
enum ts_srclimit_rule {
	TS_SRCLIMIT_SOURCE_SHARE,
	TS_SRCLIMIT_GROUP_SHARE,
	TS_SRCLIMIT_FREE,
	TS_SRCLIMIT_HEAVIEST,
	TS_SRCLIMIT_OVERDUE,
	TS_SRCLIMIT_FULL,
	TS_SRCLIMIT_RULES,
};

/* The name in reports: "source_share", ... */
const char *ts_srclimit_rule_name(enum ts_srclimit_rule rule);

struct ts_srclimit_decision {
	enum ts_srclimit_verdict verdict;
	enum ts_srclimit_rule rule;
	/* With TS_SRCLIMIT_REPLACE: whose connection goes. */
	uint32_t victim;
};

/*
 * What is to happen to a newcomer from `source` at `now`; carried out by the
 * caller.
 */
struct ts_srclimit_decision ts_srclimit_decide(const struct ts_srclimit *limit,
    struct ts_holders *holders, struct ts_source source,
    struct ts_monotime now);

#endif
