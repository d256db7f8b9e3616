/* SPDX-License-Identifier: MIT */
/* The rule of fairness: every decision against the rule's words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/srclimit.h"
#include "crowd.h"
#include "holders_shape.h"

#define SECOND_NS INT64_C(1000000000)

static const struct ts_siphash_key key = { { 1903, 2026 } };

static const char *const rule_names[TS_SRCLIMIT_RULES] = {
	[TS_SRCLIMIT_SOURCE_SHARE] = "source's share",
	[TS_SRCLIMIT_GROUP_SHARE] = "group's share",
	[TS_SRCLIMIT_FREE] = "free",
	[TS_SRCLIMIT_HEAVIEST] = "heaviest",
	[TS_SRCLIMIT_OVERDUE] = "overdue",
	[TS_SRCLIMIT_FULL] = "full",
};

/* Histories of `steps` steps, from one seed after the other. */
struct setting {
	uint32_t capacity;
	struct crowd_people people;
	uint32_t seeds;
	uint32_t steps;
	/* Any shares, and not all places in use; else a quarter and a half. */
	bool has_any_limit;
};

/* The server's view of its connections, and beside it the plain list. */
struct service {
	struct setting setting;
	uint64_t seed;
	struct random_stream random;
	struct ts_monotime now;
	struct ts_srclimit limit;
	void *memory;
	struct ts_holders holders;
	struct crowd crowd;
	/* Who knocks again and again, he or his group. */
	uint32_t attacker;
	/* How often each rule has spoken. */
	uint32_t spoken[TS_SRCLIMIT_RULES];
};

static struct ts_srclimit
usual_limit(uint32_t all)
{
	return (struct ts_srclimit){
		.all = all,
		.source = all / 4 < 2 ? 2 : all / 4,
		.group = all / 2,
	};
}

static void
open_service(struct service *service, const struct setting *setting,
    uint64_t seed)
{
	uint32_t n = setting->capacity;

	*service = (struct service){
		.setting = *setting,
		.seed = seed,
		.random.state = seed,
		.now.ns = (int64_t)seed * SECOND_NS,
		.limit = usual_limit(n),
		.memory = test_malloc(ts_holders_memory_bytes(n)),
		.crowd.capacity = n,
	};
	if (setting->has_any_limit) {
		uint32_t all = 8 + random_below(&service->random, n - 8 + 1);

		service->limit = (struct ts_srclimit){
			.all = all,
			.source = 1 + random_below(&service->random, all),
			.group = 1 + random_below(&service->random, all),
		};
	}
	ts_holders_init(&service->holders, service->memory, n, &key);
}

static void
close_service(struct service *service)
{
	test_free(service->memory);
}

static void
demand(const struct service *service, bool is_so, const char *what)
{
	if (!is_so)
		fail_msg("seed %llu, capacity %u: not so: %s",
		    (unsigned long long)service->seed,
		    service->setting.capacity, what);
}

/* --- The rule, word by word ---------------------------------------------- */

static struct ts_srclimit_decision
one_goes(const struct service *service, enum ts_srclimit_rule rule,
    enum crowd_choice choice, const struct crowd_person *newcomer)
{
	return (struct ts_srclimit_decision){
		.verdict = TS_SRCLIMIT_REPLACE,
		.rule = rule,
		.victim = crowd_who_goes(&service->crowd, choice, newcomer,
		    service->now),
	};
}

/* "At least two more": of the heaviest source, or of its group. */
static bool
holds_two_more(const struct service *service,
    const struct crowd_person *newcomer)
{
	const struct crowd *crowd = &service->crowd;
	uint32_t place =
	    crowd_who_goes(crowd, CROWD_HEAVIEST, NULL, service->now);
	const struct crowd_person *heaviest = &crowd->members[place].person;

	return crowd_count_source(crowd, heaviest->source) >=
	    crowd_count_source(crowd, newcomer->source) + 2 ||
	    crowd_count_group(crowd, heaviest->group) >=
	    crowd_count_group(crowd, newcomer->group) + 2;
}

static struct ts_srclimit_decision
expected(const struct service *service, const struct crowd_person *newcomer)
{
	const struct crowd *crowd = &service->crowd;
	const struct ts_srclimit *limit = &service->limit;

	if (crowd_count_source(crowd, newcomer->source) >= limit->source)
		return one_goes(service, TS_SRCLIMIT_SOURCE_SHARE,
		    CROWD_OF_SOURCE, newcomer);
	if (crowd_count_group(crowd, newcomer->group) >= limit->group)
		return one_goes(service, TS_SRCLIMIT_GROUP_SHARE,
		    CROWD_HEAVIEST_OF_GROUP, newcomer);
	if (crowd_count(crowd) < limit->all)
		return (struct ts_srclimit_decision){
			.verdict = TS_SRCLIMIT_ADMIT,
			.rule = TS_SRCLIMIT_FREE,
		};
	if (holds_two_more(service, newcomer))
		return one_goes(service, TS_SRCLIMIT_HEAVIEST, CROWD_HEAVIEST,
		    newcomer);
	if (crowd_is_overdue(crowd,
		crowd_who_goes(crowd, CROWD_ALL, NULL, service->now),
		service->now))
		return one_goes(service, TS_SRCLIMIT_OVERDUE, CROWD_ALL, NULL);
	return (struct ts_srclimit_decision){
		.verdict = TS_SRCLIMIT_REFUSE,
		.rule = TS_SRCLIMIT_FULL,
	};
}

/* --- What is promised of every decision ---------------------------------- */

/* Some young one goes: then there is no older among those it was one of. */
static bool
has_older(const struct service *service, uint32_t victim)
{
	const struct crowd_member *members = service->crowd.members;

	for (uint32_t i = 0; i < service->crowd.capacity; i++)
		if (members[i].is_here &&
		    members[i].person.source == members[victim].person.source &&
		    !crowd_is_young(&service->crowd, i, service->now))
			return true;
	return false;
}

static void
check_victim(const struct service *service, uint32_t victim)
{
	const struct crowd *crowd = &service->crowd;

	demand(service,
	    victim < crowd->capacity && crowd->members[victim].is_here,
	    "the one who goes is here");
	demand(service,
	    !crowd_is_young(crowd, victim, service->now) ||
		!has_older(service, victim),
	    "nothing younger than a second goes while its source has older");
}

/* The theorem, and the first promise, from which it follows. */
static void
check_newcomer(const struct service *service,
    const struct crowd_person *newcomer, enum ts_srclimit_verdict verdict)
{
	const struct crowd *crowd = &service->crowd;
	uint32_t own = crowd_count_source(crowd, newcomer->source);
	uint32_t most = crowd_heaviest_count(crowd);

	demand(service, verdict != TS_SRCLIMIT_REFUSE || own > 0 || most < 2,
	    "who holds none gets in while some source holds two");
	demand(service, verdict != TS_SRCLIMIT_REFUSE || own + 2 > most,
	    "who holds two less than the heaviest gets in");
}

static void
check_shares(const struct service *service, const struct crowd_person *person)
{
	const struct crowd *crowd = &service->crowd;

	demand(service, crowd_count(crowd) <= service->limit.all,
	    "no more than all places");
	demand(service,
	    crowd_count_source(crowd, person->source) <= service->limit.source,
	    "no source above its share");
	demand(service,
	    crowd_count_group(crowd, person->group) <= service->limit.group,
	    "no group above its share");
}

static void
check_counts(const struct service *service, const struct crowd_person *person)
{
	const struct ts_holders_source *source =
	    ts_holders_find_source(&service->holders, person->key);
	const struct ts_holders_group *group = ts_holders_find_group(
	    &service->holders, ts_addr_group(person->key));

	demand(service, service->holders.count == crowd_count(&service->crowd),
	    "the count of all is right");
	demand(service,
	    (source != NULL ? source->count : 0) ==
		crowd_count_source(&service->crowd, person->source),
	    "the count of a source is right");
	demand(service,
	    (group != NULL ? group->count : 0) ==
		crowd_count_group(&service->crowd, person->group),
	    "the count of a group is right");
}

/* --- What happens -------------------------------------------------------- */

static void
leave(struct service *service, uint32_t place)
{
	ts_holders_remove(&service->holders, place);
	service->crowd.members[place].is_here = false;
}

static void
enter(struct service *service, const struct crowd_person *person)
{
	uint32_t place = crowd_pick(&service->crowd, false, &service->random);

	ts_holders_add(&service->holders, place, person->key, service->now);
	service->crowd.members[place] = (struct crowd_member){
		.is_here = true,
		.person = *person,
		.admitted_ns = service->now.ns,
	};
	/* The fork fails: it is undone. */
	if (random_below(&service->random, 16) == 0)
		leave(service, place);
}

static struct ts_srclimit_decision
decide(struct service *service, const struct crowd_person *newcomer)
{
	return ts_srclimit_decide(&service->limit, &service->holders,
	    newcomer->key, service->now);
}

static void
knock(struct service *service, const struct crowd_person *newcomer)
{
	struct ts_srclimit_decision wanted = expected(service, newcomer);
	struct ts_srclimit_decision decision = decide(service, newcomer);

	if (decision.verdict != wanted.verdict ||
	    decision.rule != wanted.rule || decision.victim != wanted.victim)
		fail_msg("seed %llu, capacity %u: decided (%u, %s, %u), "
			 "not (%u, %s, %u)",
		    (unsigned long long)service->seed,
		    service->setting.capacity, decision.verdict,
		    rule_names[decision.rule], decision.victim, wanted.verdict,
		    rule_names[wanted.rule], wanted.victim);
	service->spoken[decision.rule]++;
	check_newcomer(service, newcomer, decision.verdict);
	if (decision.verdict == TS_SRCLIMIT_REPLACE) {
		check_victim(service, decision.victim);
		leave(service, decision.victim);
	}
	if (decision.verdict != TS_SRCLIMIT_REFUSE)
		enter(service, newcomer);
	check_shares(service, newcomer);
	check_counts(service, newcomer);
}

static void
move_bytes(struct service *service)
{
	struct crowd *crowd = &service->crowd;
	uint32_t place;

	if (service->holders.count == 0)
		return;
	place = crowd_pick(crowd, true, &service->random);
	crowd->members[place].bytes += random_below(&service->random, 20000);
	ts_holders_credit(&service->holders, place,
	    crowd->members[place].bytes);
}

/* Up to 3 s; in coarse steps, so that much is equal, or in fine ones. */
static void
pass_time(struct service *service)
{
	static const uint32_t longest_ms[] = { 1, 20, 300, 3000 };
	int64_t ms =
	    random_below(&service->random, longest_ms[service->seed % 4] + 1);

	if (service->seed % 8 < 4)
		service->now.ns += ms / 250 * 250 * 1000000;
	else
		service->now.ns +=
		    ms * 1000000 + random_below(&service->random, 1000000);
}

/* Anybody, or three times of four the attacker or one of his group. */
static struct crowd_person
who_knocks(struct service *service)
{
	const struct crowd_people *people = &service->setting.people;
	uint32_t groups = CROWD_FAMILIES * people->groups;
	uint32_t name = service->attacker;

	if (random_below(&service->random, 300) == 0)
		service->attacker =
		    random_below(&service->random, groups * people->sources);
	if (service->seed / 3 % 3 == 0 ||
	    random_below(&service->random, 4) == 0)
		return crowd_knock(people, &service->random);
	if (service->seed / 3 % 3 == 1)
		name = name % groups +
		    groups * random_below(&service->random, people->sources);
	return crowd_person(people, name, &service->random);
}

static void
step(struct service *service)
{
	/* In a hundred: so many end.  Some histories fill, some have room. */
	uint32_t ends = (uint32_t)(service->seed % 3) * 12;
	uint32_t chance = random_below(&service->random, 100);
	struct crowd_person newcomer = who_knocks(service);

	if (chance < ends) {
		if (service->holders.count > 0)
			leave(service,
			    crowd_pick(&service->crowd, true,
				&service->random));
	} else if (chance < ends + 6) {
		move_bytes(service);
	} else if (chance < ends + 26) {
		pass_time(service);
	} else {
		knock(service, &newcomer);
	}
}

/* One knock from every source at first: else few hold just one each. */
static void
let_all_knock(struct service *service)
{
	const struct crowd_people *people = &service->setting.people;
	uint32_t names = CROWD_FAMILIES * people->groups * people->sources;
	struct crowd_person newcomer;

	for (uint32_t name = 0; name < names; name++) {
		newcomer = crowd_person(people, name, &service->random);
		knock(service, &newcomer);
	}
}

static void
run_history(const struct setting *setting, uint64_t seed, uint32_t *spoken)
{
	struct service service;

	open_service(&service, setting, seed);
	if (seed % 2 == 0)
		let_all_knock(&service);
	for (uint32_t i = 0; i < setting->steps; i++) {
		step(&service);
		if (i % 32 == 0)
			holders_shape_check(&service.holders, seed);
	}
	for (int i = 0; i < TS_SRCLIMIT_RULES; i++)
		spoken[i] += service.spoken[i];
	close_service(&service);
}

static struct setting settings[] = {
	{ 8, { 1, 3 }, 300, 400, false },
	{ 8, { 4, 4 }, 300, 400, false },
	{ 9, { 2, 8 }, 300, 400, false },
	{ 64, { 1, 6 }, 40, 800, false },
	{ 64, { 8, 8 }, 40, 800, false },
	{ 256, { 2, 12 }, 24, 1600, false },
	{ 256, { 24, 24 }, 24, 1600, false },
	{ 64, { 4, 8 }, 120, 800, true },
	{ 256, { 12, 12 }, 24, 1600, true },
};

static void
decides_as_the_rule_says(void **state)
{
	const struct setting *setting = *state;
	uint32_t spoken[TS_SRCLIMIT_RULES] = { 0 };

	for (uint64_t seed = 1; seed <= setting->seeds; seed++)
		run_history(setting, seed, spoken);
	print_message("# seeds 1 to %u; decided:", setting->seeds);
	for (int i = 0; i < TS_SRCLIMIT_RULES; i++)
		print_message(" %s %u,", rule_names[i], spoken[i]);
	print_message("\n");
	/* A history in which a rule is silent does not show it. */
	for (int i = 0; i < TS_SRCLIMIT_RULES; i++)
		assert_int_not_equal(spoken[i], 0);
}

/* --- Single promises ----------------------------------------------------- */

/* Two groups of each family; person 0 and 6 share an IPv4 /24, 3 does not. */
static const struct setting small = { 8, { 2, 8 }, 1, 1, false };

/* Lets `count` connections in, at places from `place` on. */
static void
hold(struct service *service, uint32_t name, uint32_t place, uint32_t count)
{
	struct crowd_person person =
	    crowd_person(&small.people, name, &service->random);

	for (uint32_t i = place; i < place + count; i++)
		ts_holders_add(&service->holders, i, person.key, service->now);
}

/* What happens to a newcomer `ms` later. */
static struct ts_srclimit_decision
ask(struct service *service, uint32_t name, uint32_t ms)
{
	struct crowd_person person =
	    crowd_person(&small.people, name, &service->random);

	service->now = ts_monotime_add_ms(service->now, ms);
	return decide(service, &person);
}

static void
assert_goes(struct ts_srclimit_decision decision, enum ts_srclimit_rule rule,
    uint32_t victim)
{
	assert_int_equal(decision.verdict, TS_SRCLIMIT_REPLACE);
	assert_int_equal(decision.rule, rule);
	assert_int_equal(decision.victim, victim);
}

static void
one_address_keeps_a_quarter_and_pays_itself(void **state)
{
	struct service service;

	(void)state;
	open_service(&service, &small, 1);
	hold(&service, 0, 4, 1);
	hold(&service, 0, 2, 1);
	/* Six places are free. */
	assert_goes(ask(&service, 0, 0), TS_SRCLIMIT_SOURCE_SHARE, 2);
	/* What has moved more goes later. */
	ts_holders_credit(&service.holders, 2, 500);
	assert_goes(ask(&service, 0, 2000), TS_SRCLIMIT_SOURCE_SHARE, 4);
	assert_int_equal(ask(&service, 6, 0).verdict, TS_SRCLIMIT_ADMIT);
	close_service(&service);
}

static void
one_group_keeps_a_half_and_its_heaviest_pays(void **state)
{
	struct service service;

	(void)state;
	open_service(&service, &small, 1);
	hold(&service, 0, 0, 1);
	hold(&service, 6, 1, 2);
	hold(&service, 12, 3, 1);
	/* Four places are free. */
	assert_goes(ask(&service, 18, 2000), TS_SRCLIMIT_GROUP_SHARE, 1);
	assert_int_equal(ask(&service, 3, 0).verdict, TS_SRCLIMIT_ADMIT);
	close_service(&service);
}

static void
nothing_young_goes_while_older_is_there(void **state)
{
	struct service service;

	(void)state;
	open_service(&service, &small, 1);
	hold(&service, 0, 0, 1);
	/* It is not stale for long. */
	ts_holders_credit(&service.holders, 0, 1000000);
	service.now = ts_monotime_add_ms(service.now, 1);
	hold(&service, 0, 1, 1);
	assert_goes(ask(&service, 0, 999), TS_SRCLIMIT_SOURCE_SHARE, 0);
	assert_goes(ask(&service, 0, 1), TS_SRCLIMIT_SOURCE_SHARE, 1);
	close_service(&service);
}

/* Eight sources of eight groups have one place each: all are equal. */
static void
among_equals_only_the_overdue_go(void **state)
{
	static const uint32_t names[] = { 0, 3, 1, 4, 2, 5, 8, 11 };
	struct service service;

	(void)state;
	open_service(&service, &small, 1);
	for (uint32_t i = 0; i < 8; i++)
		hold(&service, names[i], i, 1);
	assert_int_equal(ask(&service, 14, 4999).rule, TS_SRCLIMIT_FULL);
	assert_goes(ask(&service, 14, 1), TS_SRCLIMIT_OVERDUE, 0);
	ts_holders_credit(&service.holders, 0, 1);
	assert_goes(ask(&service, 14, 0), TS_SRCLIMIT_OVERDUE, 1);
	close_service(&service);
}

/* Of sources with one place each, that of the fuller group pays. */
static void
a_group_that_holds_two_more_pays(void **state)
{
	static const uint32_t names[] = { 1, 4, 2, 5, 8, 11, 0, 6 };
	struct service service;

	(void)state;
	open_service(&service, &small, 1);
	for (uint32_t i = 0; i < 8; i++)
		hold(&service, names[i], i, 1);
	assert_goes(ask(&service, 14, 0), TS_SRCLIMIT_HEAVIEST, 6);
	/* Its neighbour holds one, its group one less. */
	assert_int_equal(ask(&service, 7, 0).rule, TS_SRCLIMIT_FULL);
	close_service(&service);
}

/* Who is here when the limit is lowered stays; nobody comes on top. */
static void
a_lowered_limit_lets_nobody_in_on_top(void **state)
{
	static const uint32_t names[] = { 0, 3, 1, 4, 2, 5, 8, 11 };
	struct service service;

	(void)state;
	open_service(&service, &small, 1);
	for (uint32_t i = 0; i < 8; i++)
		hold(&service, names[i], i, 1);
	service.limit.all = 6;
	assert_int_equal(ask(&service, 14, 0).rule, TS_SRCLIMIT_FULL);
	assert_goes(ask(&service, 14, 5000), TS_SRCLIMIT_OVERDUE, 0);
	close_service(&service);
}

/* --- Many ---------------------------------------------------------------- */

#define MANY 16384

/* One connection from each of so many /24. */
static struct ts_source
stranger(uint32_t number)
{
	return (struct ts_source){
		.kind = TS_ADDR_IPV4,
		.bits = (uint64_t)number << 8,
	};
}

static void
serves_many_of_many_sources(void **state)
{
	static const struct setting setting = { MANY, { 1, 1 }, 1, 1, false };
	struct ts_srclimit_decision decision;
	struct service service;

	(void)state;
	open_service(&service, &setting, 1);
	for (uint32_t i = 0; i < MANY; i++) {
		decision = ts_srclimit_decide(&service.limit, &service.holders,
		    stranger(i), service.now);
		assert_int_equal(decision.rule, TS_SRCLIMIT_FREE);
		ts_holders_add(&service.holders, i, stranger(i), service.now);
	}
	decision = ts_srclimit_decide(&service.limit, &service.holders,
	    stranger(MANY), service.now);
	assert_int_equal(decision.verdict, TS_SRCLIMIT_REFUSE);
	service.now = ts_monotime_add_ms(service.now, 5000);
	/* Each of the next replaces one, as all are overdue. */
	for (uint32_t i = 0; i < MANY; i++) {
		decision = ts_srclimit_decide(&service.limit, &service.holders,
		    stranger(MANY + i), service.now);
		assert_goes(decision, TS_SRCLIMIT_OVERDUE, i);
		ts_holders_remove(&service.holders, i);
		ts_holders_add(&service.holders, i, stranger(MANY + i),
		    service.now);
	}
	holders_shape_check(&service.holders, 1);
	close_service(&service);
}

#define HISTORY(name, number)                                                \
	{                                                                    \
		"decides as the rule says: " name, decides_as_the_rule_says, \
		    NULL, NULL, &settings[number]                            \
	}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HISTORY("8 places, few sources", 0),
		HISTORY("8 places, many sources", 1),
		HISTORY("9 places", 2),
		HISTORY("64 places, few sources", 3),
		HISTORY("64 places, many sources", 4),
		HISTORY("256 places, few sources", 5),
		HISTORY("256 places, many sources", 6),
		HISTORY("64 places, any shares", 7),
		HISTORY("256 places, any shares", 8),
		cmocka_unit_test(one_address_keeps_a_quarter_and_pays_itself),
		cmocka_unit_test(one_group_keeps_a_half_and_its_heaviest_pays),
		cmocka_unit_test(nothing_young_goes_while_older_is_there),
		cmocka_unit_test(among_equals_only_the_overdue_go),
		cmocka_unit_test(a_group_that_holds_two_more_pays),
		cmocka_unit_test(a_lowered_limit_lets_nobody_in_on_top),
		cmocka_unit_test(serves_many_of_many_sources),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
