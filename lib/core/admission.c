/* SPDX-License-Identifier: MIT */
/* The rule of fairness: may a newcomer have a slot, and which pays. */
#include "core/admission.h"

#include "core/network_order.h"

/* One replacement by rule 3. */
#define TOKEN 1000

static const char *const names[TS_ADMISSION_REASONS] = {
	[TS_ADMISSION_FREE] = "free",
	[TS_ADMISSION_SPARE] = "spare",
	[TS_ADMISSION_LIGHTER] = "lighter",
	[TS_ADMISSION_OWN] = "own",
	[TS_ADMISSION_FULL] = "full",
};

const char *
ts_admission_reason_name(enum ts_admission_reason reason)
{
	return names[reason];
}

static uint32_t
smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t
at_least_one(uint32_t n)
{
	return n > 0 ? n : 1;
}

uint32_t
ts_admission_spare(uint32_t slots)
{
	return at_least_one(slots / 8);
}

uint32_t
ts_admission_heavy(uint32_t slots)
{
	return smaller(at_least_one(slots / 8), TS_ADMISSION_HEAVY);
}

uint32_t
ts_admission_most_held(uint32_t slots)
{
	return 2 * slots + ts_admission_spare(slots);
}

void
ts_admission_init(struct ts_admission *ret_admission, uint32_t slots,
    struct ts_monotime now)
{
	*ret_admission = (struct ts_admission){
		.slots = slots,
		.spare = ts_admission_spare(slots),
		.own_since = now,
	};
}

/* Tokens come evenly, and no more are kept than those of a second. */
static void
refill(struct ts_admission *admission, struct ts_monotime now)
{
	int64_t ms = (now.ns - admission->own_since.ns) / 1000000;
	int64_t most = TS_ADMISSION_OWN_PER_S * TOKEN;
	int64_t tokens = admission->own_tokens;

	if (ms <= 0)
		return;
	tokens += ms < 1000 ? ms * TS_ADMISSION_OWN_PER_S : most;
	admission->own_tokens = (uint32_t)(tokens < most ? tokens : most);
	if (ms < 1000)
		admission->own_since.ns += ms * 1000000;
	else
		admission->own_since = now;
}

/* The slots, and those that are lent for killed ones. */
static uint32_t
slots_now(const struct ts_admission *admission,
    const struct ts_network_table *table)
{
	return admission->slots +
	    smaller(ts_network_table_killed(table), admission->slots);
}

/*
 * Whether a slot may be lent to one with these networks: inside a network many
 * of whose connections have been killed, only to a network that has none.
 */
static bool
may_borrow(const struct ts_network_table *table, const struct ts_chain *chain)
{
	const struct ts_node *node;
	uint32_t most = table->heavy;

	for (unsigned i = 0; i < chain->count; i++) {
		node = ts_network_table_find(table, chain->networks[i]);
		if (node == NULL || node->killed <= most)
			return true;
		most = 0;
	}
	return false;
}

bool
ts_admission_has_room(const struct ts_admission *admission,
    const struct ts_network_table *table, const struct ts_chain *chain)
{
	uint32_t held = ts_network_table_held(table);

	if (held < admission->slots)
		return true;
	return held < slots_now(admission, table) && may_borrow(table, chain);
}

static struct ts_admission_decision
admit(enum ts_admission_reason reason)
{
	return (struct ts_admission_decision){
		.verdict = TS_ADMISSION_ADMIT,
		.reason = reason,
		.victim = TS_SLOTS_NONE,
	};
}

static struct ts_admission_decision
replace(const struct ts_network_table *table, enum ts_admission_reason reason,
    const struct ts_holder *victim)
{
	return (struct ts_admission_decision){
		.verdict = TS_ADMISSION_REPLACE,
		.reason = reason,
		.victim = ts_network_table_id(table, victim),
	};
}

static const struct ts_admission_decision wait = {
	.verdict = TS_ADMISSION_WAIT,
	.reason = TS_ADMISSION_FULL,
	.victim = TS_SLOTS_NONE,
};

/* What the newcomer's own network counts for, against it. */
static uint64_t
own_weight(const struct ts_network_table *table, struct ts_network network)
{
	const struct ts_node *own = ts_network_table_find(table, network);

	return own != NULL ? own->own_weight : 0;
}

static bool
is_lighter(const struct ts_network_table *table, struct ts_network own,
    const struct ts_node *heaviest)
{
	return heaviest->weight > own_weight(table, own) + table->heavy;
}

/*
 * Whether `victim` can be evicted: it holds its slot until it is reaped, so one
 * more has to be lent meanwhile.
 */
static bool
may_evict(const struct ts_admission *admission,
    const struct ts_network_table *table, const struct ts_holder *victim)
{
	return victim != NULL &&
	    ts_network_table_killed(table) < admission->slots;
}

/* Rule 2, for a newcomer that is lighter than the network of `heaviest`. */
static struct ts_admission_decision
make_room(const struct ts_admission *admission,
    const struct ts_network_table *table, const struct ts_node *heaviest)
{
	if (ts_network_table_held(table) <
	    slots_now(admission, table) + admission->spare)
		return admit(TS_ADMISSION_SPARE);
	if (!may_evict(admission, table, heaviest->victim))
		return wait;
	return replace(table, TS_ADMISSION_LIGHTER, heaviest->victim);
}

/* Rule 3, for a newcomer of the heaviest source. */
static struct ts_admission_decision
replace_own(struct ts_admission *admission,
    const struct ts_network_table *table, const struct ts_node *source)
{
	/* A slot is free, and somebody waits for it. */
	if (ts_network_table_held(table) < admission->slots)
		return wait;
	if (!may_evict(admission, table, source->victim) ||
	    !source->victim->lags || source->killed > 0 ||
	    admission->own_tokens < TOKEN)
		return wait;
	admission->own_tokens -= TOKEN;
	return replace(table, TS_ADMISSION_OWN, source->victim);
}

static struct ts_admission_decision
decide_when_full(struct ts_admission *admission, struct ts_network_table *table,
    const struct ts_chain *chain)
{
	struct ts_node *node = &table->top;

	for (unsigned i = 0; i < chain->count; i++) {
		node = ts_network_order_heaviest(node);
		if (node == NULL)
			return wait;
		if (ts_network_is_same(node->network, chain->networks[i]))
			continue;
		return is_lighter(table, chain->networks[i], node)
		    ? make_room(admission, table, node)
		    : wait;
	}
	return replace_own(admission, table, node);
}

struct ts_admission_decision
ts_admission_decide(struct ts_admission *admission,
    struct ts_network_table *table, const struct ts_chain *chain,
    bool is_waiting, struct ts_monotime now)
{
	bool has_turn = is_waiting || ts_network_table_waiting(table) == 0;

	ts_network_table_age(table, now);
	refill(admission, now);
	if (ts_admission_has_room(admission, table, chain) && has_turn)
		return admit(TS_ADMISSION_FREE);
	return decide_when_full(admission, table, chain);
}
