/* SPDX-License-Identifier: MIT */
/*
 * The rule of fairness: may a newcomer have a slot, and which connection pays.
 *
 * 1. While a slot is free for it and nobody waits, it is admitted.
 * 2. Otherwise it must be lighter.  Walk down from the widest networks, at each
 *    level to the heaviest inside the one above.  At the level where the
 *    newcomer's chain leaves this path, the heaviest must weigh more than
 *    `heavy` above the newcomer's own network, whose connections that have not
 *    been looked at, or were killed and still hold slots, weigh `heavy` as
 *    well: proof comes first.  Then it takes a spare slot; if none is left, the
 *    heaviest network's stalest connection is evicted for it.
 * 3. One of the heaviest source itself replaces the stalest connection of that
 *    source if that one lags and none of the source's was killed and still
 *    holds a slot; TS_ADMISSION_OWN_PER_S times a second in all, and as often
 *    again after a second without.
 * 4. Any other waits.
 *
 * For every killed connection that still holds its slot one slot more is lent,
 * at most `slots`; once so many are lent, nothing is evicted.  Inside a network
 * of which more than `heavy` have been killed and not ended, as when the
 * storage of their files hangs, only those networks are lent one that have no
 * killed connection: so one source cannot fill the server.
 *
 * A slot that falls free goes to the waiting connection whose networks weigh
 * the least, as in rule 2 for a newcomer; those that wait do not count, or
 * whoever comes to an almost empty network would overtake the others.
 *
 * So while a slot is free and nobody waits, nothing is cut; only the heaviest
 * network at every level pays; after it has paid, however many more do before
 * the first has been reaped, the newcomer's network is not the heavier of the
 * two; and nothing is evicted of a network that weighs `heavy` or less, except
 * by rule 3.
 */
#ifndef TS_CORE_ADMISSION_H
#define TS_CORE_ADMISSION_H

#include "core/network_table.h"

/* How often one of the heaviest source may replace another of it. */
#define TS_ADMISSION_OWN_PER_S 4
/* What a lagging connection weighs where there are slots enough. */
#define TS_ADMISSION_HEAVY 8

struct ts_admission {
	uint32_t slots;
	uint32_t spare;
	/* Replacements that rule 3 may make now, in thousandths. */
	uint32_t own_tokens;
	struct ts_monotime own_since;
};

enum ts_admission_verdict {
	TS_ADMISSION_ADMIT,
	/* Admit it, and evict the victim for it. */
	TS_ADMISSION_REPLACE,
	TS_ADMISSION_WAIT,
};

/* The reason for a verdict. */
enum ts_admission_reason {
	TS_ADMISSION_FREE,
	TS_ADMISSION_SPARE,
	TS_ADMISSION_LIGHTER,
	TS_ADMISSION_OWN,
	TS_ADMISSION_FULL,
	TS_ADMISSION_REASONS,
};

/* The name in reports: "free", ... */
const char *ts_admission_reason_name(enum ts_admission_reason reason);

struct ts_admission_decision {
	enum ts_admission_verdict verdict;
	enum ts_admission_reason reason;
	/* With TS_ADMISSION_REPLACE: whose slot it is. */
	uint32_t victim;
};

/* Spare slots beside so many: an eighth of them, at least one. */
uint32_t ts_admission_spare(uint32_t slots);

/* What a lagging connection weighs with so many: 8, or an eighth of them. */
uint32_t ts_admission_heavy(uint32_t slots);

/* Most connections that hold one of so many slots, killed ones included. */
uint32_t ts_admission_most_held(uint32_t slots);

void ts_admission_init(struct ts_admission *ret_admission, uint32_t slots,
    struct ts_monotime now);

/* Whether a slot is free for a connection with these networks. */
bool ts_admission_has_room(const struct ts_admission *admission,
    const struct ts_network_table *table, const struct ts_chain *chain);

/*
 * Decides on a newcomer with these networks, or on a waiting connection of
 * them (`is_waiting`).  Nothing changes but the tokens of rule 3; the caller
 * carries the decision out.
 */
struct ts_admission_decision ts_admission_decide(struct ts_admission *admission,
    struct ts_network_table *table, const struct ts_chain *chain,
    bool is_waiting, struct ts_monotime now);

#endif
