/* SPDX-License-Identifier: MIT */
/* A crowd of clients, and a slow record of which of them is here. */
#include "crowd.h"

#include <assert.h>
#include <netinet/in.h>
#include <string.h>

#define SECOND_NS INT64_C(1000000000)

/* --- Who knocks ---------------------------------------------------------- */

static struct ts_source
key_of(const struct sockaddr *sa, socklen_t size)
{
	struct ts_addr addr;
	int r;

	r = ts_addr_from_sockaddr(&addr, sa, size);
	assert(r == 0);
	return ts_addr_source(&addr);
}

/* 0.0.GROUP.SOURCE, from any port. */
static struct ts_source
knock_ipv4(uint32_t group, uint32_t source, struct random_stream *random)
{
	const struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = (in_port_t)random_below(random, 65536),
		.sin_addr.s_addr = htonl(group << 8 | source),
	};

	return key_of((const struct sockaddr *)&sin, sizeof(sin));
}

/* ::ffff:0.0.GROUP.SOURCE: the same host as above. */
static struct ts_source
knock_mapped(uint32_t group, uint32_t source)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	uint8_t *bytes = sin6.sin6_addr.s6_addr;

	bytes[10] = bytes[11] = 0xff;
	bytes[14] = (uint8_t)group;
	bytes[15] = (uint8_t)source;
	return key_of((const struct sockaddr *)&sin6, sizeof(sin6));
}

/* 0:0:GROUP:SOURCE, in both bytes, and any host of that /64. */
static struct ts_source
knock_ipv6(uint32_t group, uint32_t source, struct random_stream *random)
{
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	uint8_t *bytes = sin6.sin6_addr.s6_addr;

	bytes[5] = (uint8_t)group;
	bytes[6] = bytes[7] = (uint8_t)source;
	for (int i = 8; i < 16; i++)
		bytes[i] = (uint8_t)random_below(random, 256);
	/* No mapped address by chance. */
	bytes[8] |= 0x80;
	return key_of((const struct sockaddr *)&sin6, sizeof(sin6));
}

static struct ts_source
knock_local(uint32_t group, uint32_t source)
{
	struct ts_addr addr = ts_addr_from_uid(group << 8 | source);

	return ts_addr_source(&addr);
}

struct crowd_person
crowd_person(const struct crowd_people *people, uint32_t name,
    struct random_stream *random)
{
	uint32_t family = name % CROWD_FAMILIES;
	uint32_t group = name / CROWD_FAMILIES % people->groups;
	uint32_t source = name / CROWD_FAMILIES / people->groups;
	struct crowd_person person = {
		.source = name,
		.group = name % (CROWD_FAMILIES * people->groups),
	};

	assert(source < people->sources);
	if (family == 0) {
		person.key = random_below(random, 2) == 0
		    ? knock_ipv4(group, source, random)
		    : knock_mapped(group, source);
	} else if (family == 1) {
		person.key = knock_ipv6(group, source, random);
	} else {
		person.key = knock_local(group, source);
		/* A user is a group of one: a name that no other has. */
		person.group = CROWD_NAMES + name;
	}
	return person;
}

struct crowd_person
crowd_knock(const struct crowd_people *people, struct random_stream *random)
{
	uint32_t names = CROWD_FAMILIES * people->groups * people->sources;
	uint32_t bound = names;

	/* Some knock more often than others. */
	if (random_below(random, 2) == 0)
		bound = 1 + random_below(random, names);
	return crowd_person(people, random_below(random, bound), random);
}

/* --- Who is here --------------------------------------------------------- */

uint32_t
crowd_pick(const struct crowd *crowd, bool is_here,
    struct random_stream *random)
{
	uint32_t place;

	do
		place = random_below(random, crowd->capacity);
	while (crowd->members[place].is_here != is_here);
	return place;
}

uint32_t
crowd_count(const struct crowd *crowd)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < crowd->capacity; i++)
		if (crowd->members[i].is_here)
			count++;
	return count;
}

uint32_t
crowd_count_source(const struct crowd *crowd, uint32_t source)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < crowd->capacity; i++)
		if (crowd->members[i].is_here &&
		    crowd->members[i].person.source == source)
			count++;
	return count;
}

uint32_t
crowd_count_group(const struct crowd *crowd, uint32_t group)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < crowd->capacity; i++)
		if (crowd->members[i].is_here &&
		    crowd->members[i].person.group == group)
			count++;
	return count;
}

/* --- Who goes ------------------------------------------------------------ */

/* What the sources and groups hold, by name. */
struct tally {
	uint32_t source[CROWD_NAMES];
	uint32_t group[2 * CROWD_NAMES];
};

static void
count_all(const struct crowd *crowd, struct tally *tally)
{
	memset(tally, 0, sizeof(*tally));
	for (uint32_t i = 0; i < crowd->capacity; i++) {
		const struct crowd_member *member = &crowd->members[i];

		if (!member->is_here)
			continue;
		tally->source[member->person.source]++;
		tally->group[member->person.group]++;
	}
}

uint32_t
crowd_heaviest_count(const struct crowd *crowd)
{
	struct tally tally;
	uint32_t most = 0;

	count_all(crowd, &tally);
	for (uint32_t i = 0; i < CROWD_NAMES; i++)
		if (tally.source[i] > most)
			most = tally.source[i];
	return most;
}

/* 5 s, and later by what has been moved at 500 bytes a second. */
int64_t
crowd_credit_ns(const struct crowd *crowd, uint32_t place)
{
	const struct crowd_member *member = &crowd->members[place];

	return member->admitted_ns + 5 * SECOND_NS +
	    (int64_t)member->bytes * (SECOND_NS / 500);
}

bool
crowd_is_overdue(const struct crowd *crowd, uint32_t place,
    struct ts_monotime now)
{
	return crowd_credit_ns(crowd, place) <= now.ns;
}

bool
crowd_is_young(const struct crowd *crowd, uint32_t place,
    struct ts_monotime now)
{
	return now.ns - crowd->members[place].admitted_ns < SECOND_NS;
}

/* Of two that are equal in all else, the lower place goes. */
static bool
is_staler(const struct crowd *crowd, uint32_t a, uint32_t b,
    struct ts_monotime now)
{
	bool young_a = crowd_is_young(crowd, a, now);
	bool young_b = crowd_is_young(crowd, b, now);
	int64_t credit_a = crowd_credit_ns(crowd, a);
	int64_t credit_b = crowd_credit_ns(crowd, b);

	if (young_a != young_b)
		return young_b;
	if (credit_a != credit_b)
		return credit_a < credit_b;
	return a < b;
}

/* Whether `a` goes rather than `b`, where the heaviest source pays. */
static bool
is_heavier(const struct crowd *crowd, const struct tally *tally, uint32_t a,
    uint32_t b, struct ts_monotime now)
{
	const struct crowd_person *of_a = &crowd->members[a].person;
	const struct crowd_person *of_b = &crowd->members[b].person;

	if (tally->source[of_a->source] != tally->source[of_b->source])
		return tally->source[of_a->source] >
		    tally->source[of_b->source];
	if (tally->group[of_a->group] != tally->group[of_b->group])
		return tally->group[of_a->group] > tally->group[of_b->group];
	return is_staler(crowd, a, b, now);
}

static bool
is_chosen_from(const struct crowd *crowd, uint32_t place,
    enum crowd_choice choice, const struct crowd_person *person)
{
	const struct crowd_member *member = &crowd->members[place];

	if (!member->is_here)
		return false;
	if (choice == CROWD_OF_SOURCE)
		return member->person.source == person->source;
	if (choice == CROWD_HEAVIEST_OF_GROUP)
		return member->person.group == person->group;
	return true;
}

uint32_t
crowd_who_goes(const struct crowd *crowd, enum crowd_choice choice,
    const struct crowd_person *person, struct ts_monotime now)
{
	bool by_weight =
	    choice == CROWD_HEAVIEST || choice == CROWD_HEAVIEST_OF_GROUP;
	uint32_t first = CROWD_PLACES;
	struct tally tally;

	count_all(crowd, &tally);
	for (uint32_t i = 0; i < crowd->capacity; i++) {
		if (!is_chosen_from(crowd, i, choice, person))
			continue;
		if (first == CROWD_PLACES ||
		    (by_weight ? is_heavier(crowd, &tally, i, first, now)
			       : is_staler(crowd, i, first, now)))
			first = i;
	}
	assert(first < CROWD_PLACES);
	return first;
}
