/* SPDX-License-Identifier: MIT */
/* The rule of fairness: every decision against the rule's words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/admission.h"
#include "network_pair.h"
#include "network_shape.h"

#define MS_NS INT64_C(1000000)
#define SECOND_NS INT64_C(1000000000)
/* What a replacement of one's own costs, where a second gives four. */
#define OWN_NS (SECOND_NS / 4)

/* Histories of `steps` steps, from one seed after the other. */
struct setting {
	uint32_t slots;
	uint32_t most_waiting;
	uint32_t spread;
	uint32_t seeds;
	uint32_t steps;
};

/* A server's table and its record, and the state of the rule beside both. */
struct service {
	struct setting setting;
	struct network_pair pair;
	struct ts_admission admission;
	/* In a hundred steps: so many reap a killed connection. */
	uint32_t reaps;
	/* The time that pays for replacements by rule 3. */
	int64_t own_ns;
	int64_t own_since_ns;
	/* When the last of them were made, from the latest on. */
	int64_t own_at_ns[2 * TS_ADMISSION_OWN_PER_S];
	/* A client that comes again and again, or its networks. */
	struct model_client attacker;
	uint32_t attacker_numbers[TS_NETWORK_LEVELS];
	unsigned attacker_family;
	/* How often each reason was given. */
	uint32_t given[TS_ADMISSION_REASONS];
};

static void
open_service(struct service *service, const struct setting *setting,
    uint64_t seed)
{
	uint32_t most =
	    ts_admission_most_held(setting->slots) + setting->most_waiting + 1;

	memset(service, 0, sizeof(*service));
	service->setting = *setting;
	network_pair_open(&service->pair, most + 1, most,
	    ts_admission_heavy(setting->slots), seed);
	ts_admission_init(&service->admission, setting->slots,
	    service->pair.now);
	service->own_since_ns = service->pair.now.ns;
	for (unsigned i = 0; i < 2 * TS_ADMISSION_OWN_PER_S; i++)
		service->own_at_ns[i] = INT64_MIN / 2;
	service->reaps = seed % 3 == 0 ? 1 : 20;
	network_pair_compare(&service->pair);
}

static void
close_service(struct service *service)
{
	network_pair_close(&service->pair);
}

static void
demand(const struct service *service, bool is_so, const char *what)
{
	if (!is_so)
		fail_msg("seed %llu, %u slots: not so: %s",
		    (unsigned long long)service->pair.seed,
		    service->setting.slots, what);
}

static const struct model_network *
all_of(const struct service *service)
{
	return &service->pair.tally.networks[0];
}

static uint32_t
lesser(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* The slots, and one lent for each killed connection. */
static uint32_t
slots_now(const struct service *service)
{
	uint32_t slots = service->setting.slots;

	return slots + lesser(all_of(service)->killed, slots);
}

static uint32_t
killed_of(const struct service *service, uint32_t name)
{
	const struct model_network *network;

	network = model_find(&service->pair.tally, name);
	return network == NULL ? 0 : network->killed;
}

/* Few of its widest network were killed, or none of a network inside it. */
static bool
may_borrow(const struct service *service, const struct model_client *client)
{
	uint32_t heavy = service->pair.model.heavy;

	if (killed_of(service, client->names[0]) <= heavy)
		return true;
	for (unsigned i = 1; i < client->levels; i++) {
		if (killed_of(service, client->names[i]) == 0)
			return true;
	}
	return false;
}

static bool
has_room(const struct service *service, const struct model_client *client)
{
	uint32_t held = all_of(service)->held;

	return held < service->setting.slots ||
	    (held < slots_now(service) && may_borrow(service, client));
}

/* All that may hold slots now: spare ones as well. */
static uint32_t
most_now(const struct service *service)
{
	uint32_t slots = service->setting.slots;

	return slots_now(service) + (slots < 16 ? 1 : slots / 8);
}

/* --- The walk ------------------------------------------------------------ */

/* Where the heaviest networks lead away from those of a client. */
struct parting {
	/* At which level; client->levels: they never part. */
	unsigned level;
	/* The heaviest network there; NULL: nothing is held. */
	const struct model_network *heaviest;
};

static struct parting
part(const struct service *service, const struct model_client *client)
{
	const struct model_tally *tally = &service->pair.tally;
	const struct model_network *network = &tally->networks[0];
	struct parting parting = { .level = 0 };

	for (; parting.level < client->levels; parting.level++) {
		if (network->heaviest == TS_SLOTS_NONE)
			return (struct parting){ .heaviest = NULL };
		network = &tally->networks[network->heaviest];
		parting.heaviest = network;
		if (network->name != client->names[parting.level])
			return parting;
	}
	return parting;
}

/* What a network counts for against a newcomer of it: proof comes first. */
static uint32_t
own_weight(const struct service *service, uint32_t name)
{
	const struct model_network *own =
	    model_find(&service->pair.tally, name);
	uint32_t heavy = service->pair.model.heavy;

	return own->weight - own->unseen + (own->unseen + own->killed) * heavy;
}

/* --- The rule, word by word ---------------------------------------------- */

static struct ts_admission_decision
expect_admit(enum ts_admission_reason reason)
{
	return (struct ts_admission_decision){
		.verdict = TS_ADMISSION_ADMIT,
		.reason = reason,
		.victim = TS_SLOTS_NONE,
	};
}

static struct ts_admission_decision
expect_replace(enum ts_admission_reason reason, uint32_t victim)
{
	return (struct ts_admission_decision){
		.verdict = TS_ADMISSION_REPLACE,
		.reason = reason,
		.victim = victim,
	};
}

static struct ts_admission_decision
expect_wait(void)
{
	return (struct ts_admission_decision){
		.verdict = TS_ADMISSION_WAIT,
		.reason = TS_ADMISSION_FULL,
		.victim = TS_SLOTS_NONE,
	};
}

/* An evicted connection holds its slot, so that one more must be lent. */
static bool
may_evict(const struct service *service, uint32_t victim)
{
	return victim != TS_SLOTS_NONE &&
	    all_of(service)->killed < service->setting.slots;
}

/* Rule 2: at the level where they part, it is lighter or not. */
static struct ts_admission_decision
expected_of_lighter(const struct service *service,
    const struct model_client *client, const struct parting *parting)
{
	uint32_t own = own_weight(service, client->names[parting->level]);

	if (parting->heaviest->weight <= own + service->pair.model.heavy)
		return expect_wait();
	if (all_of(service)->held < most_now(service))
		return expect_admit(TS_ADMISSION_SPARE);
	if (!may_evict(service, parting->heaviest->victim))
		return expect_wait();
	return expect_replace(TS_ADMISSION_LIGHTER, parting->heaviest->victim);
}

/* Rule 3: it is of the heaviest source itself. */
static struct ts_admission_decision
expected_of_heaviest(const struct service *service,
    const struct model_network *source)
{
	const struct model *model = &service->pair.model;

	if (!may_evict(service, source->victim) ||
	    !model->connections[source->victim].lags || source->killed > 0 ||
	    service->own_ns < OWN_NS)
		return expect_wait();
	return expect_replace(TS_ADMISSION_OWN, source->victim);
}

static struct ts_admission_decision
expected(const struct service *service, const struct model_client *client,
    const struct parting *parting, bool is_waiting)
{
	if (has_room(service, client) &&
	    (is_waiting || all_of(service)->waiting == 0))
		return expect_admit(TS_ADMISSION_FREE);
	if (parting->heaviest == NULL)
		return expect_wait();
	if (parting->level < client->levels)
		return expected_of_lighter(service, client, parting);
	/* Nobody is cut while a slot is free. */
	if (all_of(service)->held < service->setting.slots)
		return expect_wait();
	return expected_of_heaviest(service, parting->heaviest);
}

/* --- The promises, each for itself ---------------------------------------- */

/* The heaviest network at every level that has one to evict pays. */
static void
check_victim(const struct service *service, uint32_t victim)
{
	const struct model *model = &service->pair.model;
	const struct model_tally *tally = &service->pair.tally;
	const struct model_client *client = &model->connections[victim].client;
	const struct model_network *own;

	demand(service,
	    victim < model->ids &&
		model->connections[victim].state == TS_HOLDER_LIVE,
	    "the one that is evicted is live");
	for (unsigned i = 0; i < client->levels; i++) {
		own = model_find(tally, client->names[i]);
		for (uint32_t n = 1; n < tally->count; n++)
			demand(service,
			    tally->networks[n].above != own->above ||
				tally->networks[n].weight <= own->weight,
			    "no network beside the one that pays is heavier");
	}
	for (uint32_t id = 0; id < model->ids; id++)
		demand(service,
		    model->connections[id].state != TS_HOLDER_LIVE ||
			model->connections[id].client.levels !=
			    client->levels ||
			model->connections[id].client.names[client->levels -
			    1] != client->names[client->levels - 1] ||
			!model_is_staler(model, id, victim),
		    "nothing of its source is staler");
}

/* What a newcomer may rely on, whatever else the rule says. */
static void
check_newcomer(const struct service *service, const struct model_client *client,
    const struct parting *parting, struct ts_admission_decision decision)
{
	const struct model_network *all = all_of(service);
	uint32_t slots = service->setting.slots;
	uint32_t own;

	if (has_room(service, client) && all->waiting == 0)
		demand(service, decision.verdict == TS_ADMISSION_ADMIT,
		    "while there is room, it is admitted and nobody is cut");
	if (parting->heaviest == NULL || parting->level == client->levels ||
	    all->killed >= slots || parting->heaviest->victim == TS_SLOTS_NONE)
		return;
	own = own_weight(service, client->names[parting->level]);
	if (own + service->pair.model.heavy < parting->heaviest->weight)
		demand(service, decision.verdict != TS_ADMISSION_WAIT,
		    "a lighter newcomer never waits");
}

/*
 * When one has paid for the other: where they part, the newcomer's network does
 * not outweigh the payer's, though all of it that is unseen lags.  Neither
 * counts those killed before: so this holds of many at one moment, too.
 */
static void
check_peace(const struct service *service, const struct model_client *client,
    const struct parting *parting, uint32_t victim)
{
	const struct model *model = &service->pair.model;
	const struct model_connection *connection = &model->connections[victim];
	uint32_t own = own_weight(service, client->names[parting->level]);
	uint32_t paid = parting->heaviest->weight;
	uint32_t lost = connection->lags ? model->heavy : 1;

	demand(service, own + 1 <= paid - lost,
	    "it does not outweigh the one that paid");
	for (unsigned i = 0; i < connection->client.levels; i++)
		if (model_find(&service->pair.tally,
			connection->client.names[i])
			->weight > model->heavy)
			return;
	demand(service, false, "only where a network weighs more than heavy");
}

/* In any second four, beside the four that a quiet second has saved. */
static void
check_own_rate(struct service *service)
{
	const unsigned most = 2 * TS_ADMISSION_OWN_PER_S;
	int64_t *at_ns = service->own_at_ns;

	demand(service, service->pair.now.ns - at_ns[most - 1] >= SECOND_NS,
	    "no more than eight of the heaviest source in a second");
	memmove(at_ns + 1, at_ns, (most - 1) * sizeof(*at_ns));
	at_ns[0] = service->pair.now.ns;
}

static void
check_held(const struct service *service)
{
	uint32_t held = all_of(service)->held;

	demand(service, held <= most_now(service),
	    "no more than slots, spare ones and lent ones");
	demand(service, held <= ts_admission_most_held(service->setting.slots),
	    "no more than the tables have room for");
}

/* --- Events -------------------------------------------------------------- */

static void
changed(struct service *service)
{
	network_pair_compare(&service->pair);
	check_held(service);
}

/* A connection that comes from the poll set: new, or served before. */
static struct ts_standing
any_standing(struct random_stream *random)
{
	struct ts_standing standing = { .is_unseen = true };

	if (random_below(random, 4) > 0)
		return standing;
	standing.served_ns = random_below(random, 2500) * MS_NS;
	standing.moved_bytes = random_below(random, 20000);
	standing.is_unseen = random_below(random, 2) == 0;
	standing.lags = !standing.is_unseen && random_below(random, 2) == 0;
	return standing;
}

/* Enters it, and evicts for it; or the fork fails, and nobody is evicted. */
static void
serve(struct service *service, uint32_t id, const struct model_client *client,
    uint32_t victim)
{
	struct network_pair *pair = &service->pair;
	struct ts_standing standing = any_standing(&pair->random);

	network_pair_admit(pair, id, client, &standing);
	if (random_below(&pair->random, 16) == 0)
		network_pair_remove(pair, id);
	else if (victim != TS_SLOTS_NONE)
		network_pair_kill(pair, victim);
	changed(service);
}

static uint32_t
free_id(struct service *service)
{
	uint32_t id = model_pick(&service->pair.model, TS_HOLDER_NONE,
	    &service->pair.random);

	demand(service, id != TS_SLOTS_NONE, "an id is free");
	return id;
}

static void
wait_for_slot(struct service *service, uint32_t id,
    const struct model_client *client)
{
	struct network_pair *pair = &service->pair;

	network_pair_wait(pair, id, client);
	changed(service);
	if (all_of(service)->waiting <= service->setting.most_waiting)
		return;
	network_pair_remove(pair, ts_network_table_last_waiting(&pair->table));
	changed(service);
}

static void
refill_own(struct service *service)
{
	int64_t now_ns = service->pair.now.ns;

	service->own_ns += now_ns - service->own_since_ns;
	if (service->own_ns > SECOND_NS)
		service->own_ns = SECOND_NS;
	service->own_since_ns = now_ns;
}

static void
compare_decision(struct service *service, struct ts_admission_decision is,
    struct ts_admission_decision wanted)
{
	if (is.verdict != wanted.verdict || is.reason != wanted.reason ||
	    is.victim != wanted.victim)
		fail_msg("seed %llu, %u slots: decided (%u, %s, %u), "
			 "not (%u, %s, %u)",
		    (unsigned long long)service->pair.seed,
		    service->setting.slots, is.verdict,
		    ts_admission_reason_name(is.reason), is.victim,
		    wanted.verdict, ts_admission_reason_name(wanted.reason),
		    wanted.victim);
}

/* Asks the rule, and checks its decision in every way. */
static struct ts_admission_decision
decide(struct service *service, const struct model_client *client,
    bool is_waiting)
{
	struct network_pair *pair = &service->pair;
	struct ts_admission_decision decision;
	struct parting parting;

	model_age(&pair->model, pair->now);
	model_count(&pair->model, &pair->tally);
	refill_own(service);
	parting = part(service, client);
	decision = ts_admission_decide(&service->admission, &pair->table,
	    &client->chain, is_waiting, pair->now);
	compare_decision(service, decision,
	    expected(service, client, &parting, is_waiting));
	check_newcomer(service, client, &parting, decision);
	service->given[decision.reason]++;
	if (decision.victim != TS_SLOTS_NONE)
		check_victim(service, decision.victim);
	if (decision.reason == TS_ADMISSION_LIGHTER)
		check_peace(service, client, &parting, decision.victim);
	if (decision.reason == TS_ADMISSION_OWN) {
		check_own_rate(service);
		service->own_ns -= OWN_NS;
	}
	return decision;
}

static void
arrive(struct service *service, const struct model_client *client)
{
	struct ts_admission_decision decision = decide(service, client, false);
	uint32_t id = free_id(service);

	if (decision.verdict == TS_ADMISSION_WAIT)
		wait_for_slot(service, id, client);
	else
		serve(service, id, client, decision.victim);
}

/* Slots that are free go to those that wait; each time it is its turn. */
static void
fill(struct service *service)
{
	struct network_pair *pair = &service->pair;
	struct ts_admission_decision decision;
	struct model_client client;
	uint32_t id;

	while (all_of(service)->waiting > 0) {
		id = ts_network_table_first_waiting(&pair->table);
		client = pair->model.connections[id].client;
		if (!has_room(service, &client))
			break;
		network_pair_remove(pair, id);
		decision = decide(service, &client, true);
		demand(service, decision.reason == TS_ADMISSION_FREE,
		    "a free slot is for one that waits");
		serve(service, id, &client, TS_SLOTS_NONE);
	}
}

/* --- Histories ----------------------------------------------------------- */

/* One in a state ends, if there is one. */
static void
end_one(struct service *service, enum ts_holder_state state)
{
	struct network_pair *pair = &service->pair;
	uint32_t id = model_pick(&pair->model, state, &pair->random);

	if (id != TS_SLOTS_NONE)
		network_pair_remove(pair, id);
	changed(service);
}

/* Killed at its deadline, or because it crashed the service's patience. */
static void
kill_one(struct service *service)
{
	struct network_pair *pair = &service->pair;
	uint32_t id = model_pick(&pair->model, TS_HOLDER_LIVE, &pair->random);

	if (id != TS_SLOTS_NONE)
		network_pair_kill(pair, id);
	changed(service);
}

/* Many at once: what lags and what does not changes. */
static void
look(struct service *service)
{
	struct network_pair *pair = &service->pair;
	uint32_t lagging = random_below(&pair->random, 100);
	uint32_t count = 1 + random_below(&pair->random, pair->model.ids);

	for (uint32_t i = 0; i < count; i++) {
		uint32_t id = random_below(&pair->random, pair->model.ids);

		network_pair_look(pair, id,
		    pair->model.connections[id].bytes +
			random_below(&pair->random, 20000),
		    random_below(&pair->random, 100) < lagging);
	}
	changed(service);
}

/* Up to 3 s; in coarse steps, so that much is equal, or in fine ones. */
static void
pass_time(struct service *service)
{
	static const uint32_t longest_ms[] = { 1, 20, 300, 3000 };
	struct network_pair *pair = &service->pair;
	int64_t ms =
	    random_below(&pair->random, longest_ms[pair->seed % 4] + 1);

	if (pair->seed % 8 < 4)
		ms = ms / 250 * 250;
	pair->now.ns += ms * MS_NS;
}

static void
choose_attacker(struct service *service)
{
	struct random_stream *random = &service->pair.random;

	service->attacker_family = random_below(random, MODEL_FAMILIES);
	for (unsigned i = 0; i < TS_NETWORK_LEVELS; i++)
		service->attacker_numbers[i] =
		    random_below(random, service->setting.spread);
}

/* Any client; or three times of four the attacker, or one of a network of it.
 */
static struct model_client
next_client(struct service *service)
{
	struct random_stream *random = &service->pair.random;
	uint32_t spread = service->setting.spread;
	uint32_t numbers[TS_NETWORK_LEVELS];
	unsigned own_levels = (unsigned)(service->pair.seed / 3 % 7);

	if (random_below(random, 300) == 0)
		choose_attacker(service);
	if (own_levels == 6 || random_below(random, 4) == 0)
		return model_any_client(spread, random);
	for (unsigned i = 0; i < TS_NETWORK_LEVELS; i++)
		numbers[i] = i < own_levels ? service->attacker_numbers[i]
					    : random_below(random, spread);
	return model_client(service->attacker_family, numbers, random);
}

static void
step(struct service *service)
{
	/* In a hundred: so many end.  Some histories fill, some have room. */
	uint32_t ends = (uint32_t)(service->pair.seed % 4) * 8;
	uint32_t chance = random_below(&service->pair.random, 100);
	struct model_client newcomer = next_client(service);

	if (chance < ends)
		end_one(service, TS_HOLDER_LIVE);
	else if (chance < ends + 3)
		end_one(service, TS_HOLDER_WAITING);
	else if (chance < ends + 5)
		kill_one(service);
	else if (chance < ends + 5 + service->reaps)
		end_one(service, TS_HOLDER_KILLED);
	else if (chance < ends + 30)
		look(service);
	else if (chance < ends + 45)
		pass_time(service);
	else
		arrive(service, &newcomer);
	fill(service);
}

static void
run_history(const struct setting *setting, uint64_t seed, uint32_t *given)
{
	static struct service service;

	open_service(&service, setting, seed);
	choose_attacker(&service);
	for (uint32_t i = 0; i < setting->steps; i++) {
		step(&service);
		if (i % 32 == 0)
			network_shape_check(&service.pair.table, seed);
	}
	for (int i = 0; i < TS_ADMISSION_REASONS; i++)
		given[i] += service.given[i];
	close_service(&service);
}

static struct setting settings[] = {
	{ 2, 2, 2, 300, 400 },
	{ 8, 4, 2, 300, 400 },
	{ 9, 4, 8, 300, 400 },
	{ 16, 8, 2, 100, 600 },
	{ 64, 16, 2, 40, 800 },
	{ 64, 16, 8, 40, 800 },
	{ 160, 40, 3, 24, 2000 },
};

static void
decides_as_the_rule_says(void **state)
{
	const struct setting *setting = *state;
	uint32_t given[TS_ADMISSION_REASONS] = { 0 };

	for (uint64_t seed = 1; seed <= setting->seeds; seed++)
		run_history(setting, seed, given);
	print_message("# seeds 1 to %u; decided:", setting->seeds);
	for (int i = 0; i < TS_ADMISSION_REASONS; i++)
		print_message(" %s %u,",
		    ts_admission_reason_name((enum ts_admission_reason)i),
		    given[i]);
	print_message("\n");
	/* Histories that never draw a reason do not show it. */
	for (int i = 0; i < TS_ADMISSION_REASONS; i++)
		assert_int_not_equal(given[i], 0);
}

/* --- Single promises ----------------------------------------------------- */

static const struct setting small = { 16, 8, 8, 1, 1 };
static const struct ts_standing new_standing = { .is_unseen = true };
static const struct ts_standing proven = { .is_unseen = false };
static struct service service;

static int
open_small(void **state)
{
	(void)state;
	open_service(&service, &small, 1);
	return 0;
}

static int
close_small(void **state)
{
	(void)state;
	network_shape_check(&service.pair.table, 1);
	close_service(&service);
	return 0;
}

/* Source number C of network number B of number A, by IPv4. */
static struct model_client
ipv4(uint32_t a, uint32_t b, uint32_t c)
{
	const uint32_t numbers[TS_NETWORK_LEVELS] = { a, b, c };

	return model_client(0, numbers, &service.pair.random);
}

static void
hold(struct model_client client, uint32_t id, uint32_t count,
    const struct ts_standing *standing)
{
	for (uint32_t i = id; i < id + count; i++)
		network_pair_admit(&service.pair, i, &client, standing);
	network_pair_compare(&service.pair);
}

static void
lag(uint32_t id, uint32_t count)
{
	for (uint32_t i = id; i < id + count; i++)
		network_pair_look(&service.pair, i, 0, true);
	network_pair_compare(&service.pair);
}

static struct ts_admission_decision
ask(struct model_client client)
{
	return decide(&service, &client, false);
}

static void
assert_evicts(struct ts_admission_decision decision,
    enum ts_admission_reason reason, uint32_t victim)
{
	assert_int_equal(decision.verdict, TS_ADMISSION_REPLACE);
	assert_int_equal(decision.reason, reason);
	assert_int_equal(decision.victim, victim);
}

static const struct {
	uint32_t slots;
	uint32_t spare;
	uint32_t heavy;
	uint32_t most_held;
} sizes[] = {
	{ 1, 1, 1, 3 },
	{ 7, 1, 1, 15 },
	{ 8, 1, 1, 17 },
	{ 16, 2, 2, 34 },
	{ 63, 7, 7, 133 },
	{ 64, 8, 8, 136 },
	{ 8192, 1024, 8, 17408 },
};

static void
sizes_follow_from_the_slots(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(ts_admission_spare(sizes[i].slots),
		    sizes[i].spare);
		assert_int_equal(ts_admission_heavy(sizes[i].slots),
		    sizes[i].heavy);
		assert_int_equal(ts_admission_most_held(sizes[i].slots),
		    sizes[i].most_held);
	}
}

static void
every_reason_has_a_name_of_its_own(void **state)
{
	(void)state;
	for (int i = 0; i < TS_ADMISSION_REASONS; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(ts_admission_reason_name((
						    enum ts_admission_reason)i),
			    ts_admission_reason_name(
				(enum ts_admission_reason)j));
}

/* One address may have every slot while nobody else wants one. */
static void
while_there_is_room_nobody_is_cut(void **state)
{
	(void)state;
	for (uint32_t id = 0; id < 16; id++) {
		assert_int_equal(ask(ipv4(0, 0, 0)).reason, TS_ADMISSION_FREE);
		hold(ipv4(0, 0, 0), id, 1, &new_standing);
	}
	assert_int_equal(ask(ipv4(0, 0, 0)).verdict, TS_ADMISSION_WAIT);
}

/* 16 slots: two are heavy.  The spare two go first, then the heaviest pays. */
static void
a_lighter_newcomer_takes_a_spare_slot_before_any_is_evicted(void **state)
{
	(void)state;
	hold(ipv4(0, 0, 0), 0, 16, &proven);
	assert_int_equal(ask(ipv4(1, 0, 0)).reason, TS_ADMISSION_SPARE);
	hold(ipv4(1, 0, 0), 16, 1, &new_standing);
	assert_int_equal(ask(ipv4(2, 0, 0)).reason, TS_ADMISSION_SPARE);
	hold(ipv4(2, 0, 0), 17, 1, &new_standing);
	assert_evicts(ask(ipv4(3, 0, 0)), TS_ADMISSION_LIGHTER, 0);
	/* Killed, it lends its slot; the newcomer has that. */
	network_pair_kill(&service.pair, 0);
	hold(ipv4(3, 0, 0), 18, 1, &new_standing);
	assert_evicts(ask(ipv4(4, 0, 0)), TS_ADMISSION_LIGHTER, 1);
}

/* More than `heavy` lighter, not as much: at the level where they part. */
static void
the_threshold_is_more_than_heavy(void **state)
{
	(void)state;
	/* Network 0 weighs 8 of two; network 1 five; 2 and 3 one or two. */
	hold(ipv4(0, 0, 0), 0, 4, &proven);
	hold(ipv4(0, 1, 0), 4, 4, &proven);
	hold(ipv4(1, 0, 0), 8, 5, &proven);
	hold(ipv4(2, 0, 0), 13, 3, &proven);
	assert_int_equal(ask(ipv4(1, 1, 0)).reason, TS_ADMISSION_SPARE);
	lag(12, 1);
	/* Six: two less than the heaviest. */
	assert_int_equal(ask(ipv4(1, 1, 0)).verdict, TS_ADMISSION_WAIT);
	/* Inside network 0: both weigh four, and a third nothing. */
	assert_int_equal(ask(ipv4(0, 1, 1)).verdict, TS_ADMISSION_WAIT);
	assert_int_equal(ask(ipv4(0, 2, 0)).reason, TS_ADMISSION_SPARE);
}

/* An attacker's connections count heavy before they have been looked at. */
static void
proof_comes_first(void **state)
{
	(void)state;
	hold(ipv4(0, 0, 0), 0, 11, &new_standing);
	hold(ipv4(1, 0, 0), 11, 5, &new_standing);
	/* 11 is not more than 5 times 2, and 2. */
	assert_int_equal(ask(ipv4(1, 0, 0)).verdict, TS_ADMISSION_WAIT);
	for (uint32_t id = 11; id < 16; id++)
		network_pair_look(&service.pair, id, 0, false);
	network_pair_compare(&service.pair);
	assert_int_equal(ask(ipv4(1, 0, 0)).reason, TS_ADMISSION_SPARE);
}

/* What lags weighs more than twice as many that do not. */
static void
holding_slots_and_doing_nothing_is_heavy(void **state)
{
	(void)state;
	hold(ipv4(0, 0, 0), 0, 10, &proven);
	hold(ipv4(1, 0, 0), 10, 8, &proven);
	lag(10, 8);
	assert_evicts(ask(ipv4(2, 0, 0)), TS_ADMISSION_LIGHTER, 10);
}

/* A /48 for each connection is no disguise: the /32 is the heaviest. */
static void
one_connection_from_each_of_many_networks_is_heavy(void **state)
{
	const uint32_t other[TS_NETWORK_LEVELS] = { 1 };

	(void)state;
	for (uint32_t id = 0; id < 12; id++) {
		const uint32_t numbers[TS_NETWORK_LEVELS] = { 0, 0, id % 8,
			id / 8 };

		hold(model_client(1, numbers, &service.pair.random), id, 1,
		    &proven);
	}
	/* Six of one browser are not the heaviest. */
	hold(model_client(1, other, &service.pair.random), 12, 6, &proven);
	assert_evicts(ask(ipv4(0, 0, 0)), TS_ADMISSION_LIGHTER, 0);
}

static void
one_of_the_heaviest_source_replaces_what_lags_of_it(void **state)
{
	(void)state;
	hold(ipv4(0, 0, 0), 0, 16, &proven);
	service.pair.now.ns += SECOND_NS;
	assert_int_equal(ask(ipv4(0, 0, 0)).verdict, TS_ADMISSION_WAIT);
	lag(3, 2);
	/* Its neighbour is not the source, and not lighter. */
	assert_int_equal(ask(ipv4(0, 0, 1)).reason, TS_ADMISSION_SPARE);
	assert_evicts(ask(ipv4(0, 0, 0)), TS_ADMISSION_OWN, 3);
	network_pair_kill(&service.pair, 3);
	hold(ipv4(0, 0, 0), 16, 1, &new_standing);
	/* One that was killed has to be gone first. */
	assert_int_equal(ask(ipv4(0, 0, 0)).verdict, TS_ADMISSION_WAIT);
	network_pair_remove(&service.pair, 3);
	network_pair_compare(&service.pair);
	assert_evicts(ask(ipv4(0, 0, 0)), TS_ADMISSION_OWN, 4);
}

/* However often it asks: four in a second, and four that were saved. */
static void
a_source_replaces_its_own_four_times_a_second(void **state)
{
	uint32_t replaced = 0;

	(void)state;
	hold(ipv4(0, 0, 0), 0, 16, &proven);
	lag(0, 16);
	service.pair.now.ns += 100 * SECOND_NS;
	for (int ms = 0; ms < 10000; ms++) {
		replaced += ask(ipv4(0, 0, 0)).reason == TS_ADMISSION_OWN;
		assert_true(ms > 0 || replaced == 1);
		service.pair.now.ns += MS_NS;
	}
	assert_int_equal(replaced, 4 + 9 * 4 + 3);
}

/* Not from the start either: nothing has been saved yet. */
static void
nothing_is_saved_at_the_start(void **state)
{
	(void)state;
	hold(ipv4(0, 0, 0), 0, 16, &proven);
	lag(0, 16);
	service.pair.now.ns += 249 * MS_NS;
	assert_int_equal(ask(ipv4(0, 0, 0)).verdict, TS_ADMISSION_WAIT);
	service.pair.now.ns += MS_NS;
	assert_evicts(ask(ipv4(0, 0, 0)), TS_ADMISSION_OWN, 0);
	assert_int_equal(ask(ipv4(0, 0, 0)).verdict, TS_ADMISSION_WAIT);
}

/* A free slot is for those that wait, in their order. */
static void
nobody_comes_before_those_that_wait(void **state)
{
	struct model_client client = ipv4(3, 0, 0);

	(void)state;
	for (uint32_t id = 0; id < 15; id++)
		hold(ipv4(id / 8, id % 8, 0), id, 1, &proven);
	network_pair_wait(&service.pair, 15, &client);
	network_pair_compare(&service.pair);
	assert_int_equal(ask(ipv4(4, 0, 0)).reason, TS_ADMISSION_SPARE);
	assert_int_equal(ask(ipv4(0, 7, 1)).verdict, TS_ADMISSION_WAIT);
	assert_int_equal(decide(&service, &client, true).reason,
	    TS_ADMISSION_FREE);
}

/*
 * The storage hangs, and no child that is killed ends: as many slots as there
 * are have been lent, and the tables have room for no more.
 */
static void
nothing_is_evicted_when_no_slot_can_be_lent(void **state)
{
	(void)state;
	hold(ipv4(0, 0, 0), 0, 15, &proven);
	for (uint32_t id = 0; id < 15; id++)
		network_pair_kill(&service.pair, id);
	hold(ipv4(0, 0, 0), 15, 18, &proven);
	assert_int_equal(service.pair.table.top.held, 33);
	assert_evicts(ask(ipv4(1, 0, 0)), TS_ADMISSION_LIGHTER, 15);
	network_pair_kill(&service.pair, 15);
	hold(ipv4(1, 0, 0), 33, 1, &new_standing);
	assert_int_equal(service.pair.table.top.held,
	    ts_admission_most_held(16));
	assert_int_equal(ask(ipv4(2, 0, 0)).verdict, TS_ADMISSION_WAIT);
}

/*
 * All slots are held by the killed: as many are lent, but none to the networks
 * that have caused it.
 */
static void
a_slot_is_lent_for_each_killed_connection(void **state)
{
	(void)state;
	hold(ipv4(0, 0, 0), 0, 16, &proven);
	for (uint32_t id = 0; id < 16; id++)
		network_pair_kill(&service.pair, id);
	for (uint32_t id = 16; id < 32; id++) {
		assert_int_equal(ask(ipv4(0, 0, 0)).verdict, TS_ADMISSION_WAIT);
		assert_int_equal(ask(ipv4(0, 1, 0)).reason, TS_ADMISSION_FREE);
		assert_int_equal(ask(ipv4(1 + id % 7, id / 7, 0)).reason,
		    TS_ADMISSION_FREE);
		hold(ipv4(1 + id % 7, id / 7, 0), id, 1, &new_standing);
	}
	assert_int_equal(ask(ipv4(5, 0, 0)).verdict, TS_ADMISSION_WAIT);
}

/*
 * Many strangers come at once, before any that was evicted has been reaped: a
 * network that makes progress is left with what weighs `heavy`.
 */
static void
a_burst_cuts_no_network_below_heavy(void **state)
{
	struct ts_admission_decision decision;
	uint32_t evicted = 0;

	(void)state;
	hold(ipv4(0, 0, 0), 0, 6, &proven);
	for (uint32_t id = 6; id < 18; id++)
		hold(ipv4(1 + id % 6, id / 6, 0), id, 1, &proven);
	for (uint32_t n = 0; n < 8; n++) {
		const uint32_t numbers[TS_NETWORK_LEVELS] = { n };
		struct model_client client =
		    model_client(3, numbers, &service.pair.random);

		decision = ask(client);
		if (decision.verdict == TS_ADMISSION_WAIT)
			break;
		assert_int_equal(decision.reason, TS_ADMISSION_LIGHTER);
		network_pair_kill(&service.pair, decision.victim);
		hold(client, 18 + n, 1, &proven);
		evicted++;
	}
	assert_int_equal(evicted, 4);
	assert_int_equal(
	    model_find(&service.pair.tally, ipv4(0, 0, 0).names[0])->weight, 2);
}

/* --- Many ---------------------------------------------------------------- */

#define MANY 8192

/* Source number `n` of the /24 number `n`. */
static struct ts_chain
stranger(uint32_t n)
{
	struct ts_addr addr = {
		.kind = TS_ADDR_IPV4,
		.bytes = { (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n,
		    1 },
	};
	struct ts_chain chain;

	ts_chain_of(&chain, &addr);
	return chain;
}

/* One /8 holds all: each stranger gets in at once, and only that one pays. */
static void
serves_many_strangers_while_one_network_holds_all(void **state)
{
	static const struct ts_siphash_key key = { { 1903, 2026 } };
	const uint32_t most = ts_admission_most_held(MANY);
	void *memory = test_calloc(1, ts_network_table_bytes(most, most));
	struct ts_monotime now = { 0 };
	struct ts_admission_decision decision;
	struct ts_network_table table;
	struct ts_admission admission;
	struct ts_chain chain;
	uint32_t id;

	(void)state;
	ts_network_table_init(&table, memory, most, most, 8, &key);
	ts_admission_init(&admission, MANY, now);
	for (id = 0; id < MANY; id++) {
		chain = stranger(id / 256);
		ts_network_table_admit(&table, id, &chain, &proven, now);
	}
	for (; id < MANY + 4000; id++) {
		chain = stranger((id - MANY + 256) << 8 | 1);
		decision =
		    ts_admission_decide(&admission, &table, &chain, false, now);
		assert_int_not_equal(decision.verdict, TS_ADMISSION_WAIT);
		ts_network_table_admit(&table, id, &chain, &new_standing, now);
		if (decision.victim == TS_SLOTS_NONE)
			continue;
		assert_true(decision.victim < MANY);
		ts_network_table_kill(&table, decision.victim);
		ts_network_table_remove(&table, decision.victim);
	}
	network_shape_check(&table, 1);
	assert_int_equal(ts_network_table_held(&table),
	    MANY + ts_admission_spare(MANY));
	test_free(memory);
}

#define HISTORY(name, number)                                                \
	{                                                                    \
		"decides as the rule says: " name, decides_as_the_rule_says, \
		    NULL, NULL, &settings[number]                            \
	}
#define SMALL(test) \
	cmocka_unit_test_setup_teardown(test, open_small, close_small)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HISTORY("2 slots", 0),
		HISTORY("8 slots, few networks", 1),
		HISTORY("9 slots, many networks", 2),
		HISTORY("16 slots", 3),
		HISTORY("64 slots, few networks", 4),
		HISTORY("64 slots, many networks", 5),
		HISTORY("160 slots", 6),
		cmocka_unit_test(sizes_follow_from_the_slots),
		cmocka_unit_test(every_reason_has_a_name_of_its_own),
		SMALL(while_there_is_room_nobody_is_cut),
		SMALL(
		    a_lighter_newcomer_takes_a_spare_slot_before_any_is_evicted),
		SMALL(the_threshold_is_more_than_heavy),
		SMALL(proof_comes_first),
		SMALL(holding_slots_and_doing_nothing_is_heavy),
		SMALL(one_connection_from_each_of_many_networks_is_heavy),
		SMALL(one_of_the_heaviest_source_replaces_what_lags_of_it),
		SMALL(a_source_replaces_its_own_four_times_a_second),
		SMALL(nothing_is_saved_at_the_start),
		SMALL(nobody_comes_before_those_that_wait),
		SMALL(nothing_is_evicted_when_no_slot_can_be_lent),
		SMALL(a_slot_is_lent_for_each_killed_connection),
		SMALL(a_burst_cuts_no_network_below_heavy),
		cmocka_unit_test(
		    serves_many_strangers_while_one_network_holds_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
