/* SPDX-License-Identifier: MIT */
/*
 * A crowd of clients, and a slow record of which of them is here.
 *
 * It knows the order in which they would have to go from the words of the
 * rule alone: a plain list, searched from end to end for every question.  Who
 * belongs together it knows from the names that the clients are made from,
 * not from their addresses.
 */
#ifndef TESTS_CROWD_H
#define TESTS_CROWD_H

#include <stdbool.h>
#include <stdint.h>

#include "core/addr.h"
#include "core/monotime.h"
#include "core/source_table.h"
#include "random.h"

#define CROWD_PLACES 256
#define CROWD_FAMILIES 3
#define CROWD_MAX_GROUPS 24
#define CROWD_MAX_SOURCES 24
#define CROWD_NAMES (CROWD_FAMILIES * CROWD_MAX_GROUPS * CROWD_MAX_SOURCES)

/* How many groups each family has, and how many sources each group. */
struct crowd_people {
	uint32_t groups;
	uint32_t sources;
};

/* Somebody who knocks: as the names say, and as the code has sorted him. */
struct crowd_person {
	uint32_t source;
	uint32_t group;
	struct ts_source key;
};

/* What one place of the record holds. */
struct crowd_member {
	bool is_here;
	struct crowd_person person;
	int64_t admitted_ns;
	uint64_t bytes;
};

struct crowd {
	uint32_t capacity;
	struct crowd_member members[CROWD_PLACES];
};

/* Among whom the one who goes is looked for. */
enum crowd_choice {
	CROWD_ALL,
	CROWD_OF_SOURCE,
	CROWD_HEAVIEST,
	CROWD_HEAVIEST_OF_GROUP,
};

/*
 * One of the people, over IPv4, over IPv4 mapped into IPv6, over IPv6, or
 * local.  The families share their numbers, to be told apart by kind alone.
 */
struct crowd_person crowd_knock(const struct crowd_people *people,
    struct random_stream *random);

/* A given one: names run from 0 below CROWD_FAMILIES * groups * sources. */
struct crowd_person crowd_person(const struct crowd_people *people,
    uint32_t name, struct random_stream *random);

/* A place that is free, or taken; there must be one. */
uint32_t crowd_pick(const struct crowd *crowd, bool is_here,
    struct random_stream *random);

uint32_t crowd_count(const struct crowd *crowd);
uint32_t crowd_count_source(const struct crowd *crowd, uint32_t source);
uint32_t crowd_count_group(const struct crowd *crowd, uint32_t group);
/* What the heaviest source holds; 0 if nobody is here. */
uint32_t crowd_heaviest_count(const struct crowd *crowd);

/* The credit deadline of a place, and whether it is overdue or young. */
int64_t crowd_credit_ns(const struct crowd *crowd, uint32_t place);
bool crowd_is_overdue(const struct crowd *crowd, uint32_t place,
    struct ts_monotime now);
bool crowd_is_young(const struct crowd *crowd, uint32_t place,
    struct ts_monotime now);

/*
 * The place of the one who goes, of a choice that is not empty.  `person`
 * says whose source or group; it is not looked at otherwise.
 */
uint32_t crowd_who_goes(const struct crowd *crowd, enum crowd_choice choice,
    const struct crowd_person *person, struct ts_monotime now);

#endif
