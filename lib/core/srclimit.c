/* SPDX-License-Identifier: MIT */
/* The rule of fairness: may this source have one more, and who goes. */
#include "core/srclimit.h"

static const char *const names[TS_SRCLIMIT_RULES] = {
	[TS_SRCLIMIT_SOURCE_SHARE] = "source_share",
	[TS_SRCLIMIT_GROUP_SHARE] = "group_share",
	[TS_SRCLIMIT_FREE] = "free",
	[TS_SRCLIMIT_HEAVIEST] = "heaviest",
	[TS_SRCLIMIT_OVERDUE] = "overdue",
	[TS_SRCLIMIT_FULL] = "full",
};

const char *
ts_srclimit_rule_name(enum ts_srclimit_rule rule)
{
	return names[rule];
}

static struct ts_srclimit_decision
replace(const struct ts_holders *holders, enum ts_srclimit_rule rule,
    const struct ts_holders_connection *victim)
{
	return (struct ts_srclimit_decision){
		.verdict = TS_SRCLIMIT_REPLACE,
		.rule = rule,
		.victim = (uint32_t)(victim - holders->connections),
	};
}

/* No place is free: who goes, if anybody. */
static struct ts_srclimit_decision
decide_when_full(struct ts_holders *holders, uint32_t source_count,
    uint32_t group_count, struct ts_monotime now)
{
	struct ts_holders_source *heaviest = ts_holders_heaviest(holders);
	struct ts_holders_connection *stalest = ts_holders_stalest(holders);

	if (heaviest->count > source_count + 1 ||
	    heaviest->group->count > group_count + 1)
		return replace(holders, TS_SRCLIMIT_HEAVIEST,
		    ts_holders_stalest_of(heaviest));
	if (ts_monotime_is_due(stalest->credit, now))
		return replace(holders, TS_SRCLIMIT_OVERDUE, stalest);
	return (struct ts_srclimit_decision){
		.verdict = TS_SRCLIMIT_REFUSE,
		.rule = TS_SRCLIMIT_FULL,
	};
}

struct ts_srclimit_decision
ts_srclimit_decide(const struct ts_srclimit *limit, struct ts_holders *holders,
    struct ts_source source, struct ts_monotime now)
{
	struct ts_holders_source *own = ts_holders_find_source(holders, source);
	struct ts_holders_group *group =
	    ts_holders_find_group(holders, ts_addr_group(source));
	uint32_t source_count = own != NULL ? own->count : 0;
	uint32_t group_count = group != NULL ? group->count : 0;

	ts_holders_ripen(holders, now);
	if (own != NULL && source_count >= limit->source)
		return replace(holders, TS_SRCLIMIT_SOURCE_SHARE,
		    ts_holders_stalest_of(own));
	if (group != NULL && group_count >= limit->group)
		return replace(holders, TS_SRCLIMIT_GROUP_SHARE,
		    ts_holders_stalest_of(ts_holders_heaviest_of(group)));
	if (holders->count >= limit->all)
		return decide_when_full(holders, source_count, group_count,
		    now);
	return (struct ts_srclimit_decision){
		.verdict = TS_SRCLIMIT_ADMIT,
		.rule = TS_SRCLIMIT_FREE,
	};
}
