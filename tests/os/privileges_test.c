/* SPDX-License-Identifier: MIT */
/* Whose a process is, and what it may beyond that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <assert.h>
#include <cmocka.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "forked.h"
#include "os/privileges.h"

#define NOBODY 65534

static const struct {
	const char *user;
	const char *group;
	int expected;
	struct ts_ids ids;
} names[] = {
	{ "root", NULL, 0, { 0, 0 } },
	{ "daemon", NULL, 0, { 1, 1 } },
	{ "daemon", "root", 0, { 1, 0 } },
	{ "daemon", "54321", 0, { 1, 54321 } },
	/* A number brings the group of its user, where it has one. */
	{ "1", NULL, 0, { 1, 1 } },
	{ "54321", NULL, 0, { 54321, 54321 } },
	{ "54321", "daemon", 0, { 54321, 1 } },
	{ "4294967294", NULL, 0, { 4294967294U, 4294967294U } },
	{ "no-such-user", NULL, -ENOENT, { 0, 0 } },
	{ "daemon", "no-such-group", -ENOENT, { 0, 0 } },
	{ "", NULL, -ENOENT, { 0, 0 } },
	{ "daemon", "", -ENOENT, { 0, 0 } },
	/* None of these is a number. */
	{ "-1", NULL, -ENOENT, { 0, 0 } },
	{ " 1", NULL, -ENOENT, { 0, 0 } },
	{ "1x", NULL, -ENOENT, { 0, 0 } },
	{ "0x1", NULL, -ENOENT, { 0, 0 } },
	/* It stands for nobody at all, see setuid(2); and it would be 1. */
	{ "4294967295", NULL, -ENOENT, { 0, 0 } },
	{ "4294967297", NULL, -ENOENT, { 0, 0 } },
	{ "daemon", "4294967295", -ENOENT, { 0, 0 } },
};

static void
users_are_found_by_name_and_number(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct ts_ids ids = { 77, 77 };
		int r = ts_privileges_find(&ids, names[i].user, names[i].group);

		if (r != names[i].expected)
			fail_msg("case %zu: %d", i, r);
		assert_int_equal(ids.user, r == 0 ? names[i].ids.user : 77);
		assert_int_equal(ids.group, r == 0 ? names[i].ids.group : 77);
	}
}

static void
skip_unless_root(void)
{
	if (getuid() == 0)
		return;
	print_message("only the superuser can become another\n");
	skip();
}

static void
expect_no_power(void)
{
	cap_t now = cap_get_proc();
	cap_t none = cap_init();

	assert(cap_compare(now, none) == 0);
	(void)cap_free(now);
	(void)cap_free(none);
	assert(setuid(0) == -1 && setgid(0) == -1 && seteuid(0) == -1);
	assert(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_NET_ADMIN, 0,
		   0) == 0);
	assert(!ts_privileges_are_root());
}

static int
become_another(void *arg)
{
	const struct ts_ids ids = { NOBODY, NOBODY - 1 };
	const gid_t groups[] = { 4, 27 };
	uid_t users[3];
	gid_t own[3];

	(void)arg;
	assert(ts_privileges_are_root());
	assert(setgroups(2, groups) == 0);
	assert(ts_privileges_drop(&ids) == 0);
	assert(getresuid(&users[0], &users[1], &users[2]) == 0);
	assert(getresgid(&own[0], &own[1], &own[2]) == 0);
	for (int i = 0; i < 3; i++)
		assert(users[i] == NOBODY && own[i] == NOBODY - 1);
	assert(getgroups(0, NULL) == 0);
	/* Not even for a program with capabilities of its own. */
	for (cap_value_t i = 0; i <= CAP_LAST_CAP; i++)
		assert(cap_get_bound(i) <= 0);
	expect_no_power();
	return 0;
}

static void
the_superuser_becomes_another_for_ever(void **state)
{
	(void)state;
	skip_unless_root();
	process_run(become_another, NULL);
}

static int
stay_superuser(void *arg)
{
	const struct ts_ids ids = { 0, 0 };

	assert(ts_privileges_drop(arg != NULL ? &ids : NULL) == -EPERM);
	return 0;
}

static void
who_stays_the_superuser_is_told_so(void **state)
{
	int some = 0;

	(void)state;
	skip_unless_root();
	process_run(stay_superuser, NULL);
	process_run(stay_superuser, &some);
}

static void
become_ordinary(void)
{
	if (getuid() == 0)
		assert(setresgid(NOBODY, NOBODY, NOBODY) == 0 &&
		    setresuid(NOBODY, NOBODY, NOBODY) == 0);
}

static int
be_ordinary(void *arg)
{
	uid_t user;

	(void)arg;
	become_ordinary();
	user = getuid();
	assert(ts_privileges_drop(NULL) == 0);
	assert(getuid() == user && geteuid() == user);
	expect_no_power();
	return 0;
}

static void
an_ordinary_user_stays_one(void **state)
{
	(void)state;
	process_run(be_ordinary, NULL);
}

static int
want_another(void *arg)
{
	const struct ts_ids ids = { 1, 1 };

	(void)arg;
	become_ordinary();
	assert(ts_privileges_drop(&ids) == -EPERM);
	return 0;
}

static void
an_ordinary_user_becomes_nobody_else(void **state)
{
	(void)state;
	process_run(want_another, NULL);
}

/* With one capability left, an ordinary user is not one yet. */
static int
keep_a_capability(void *arg)
{
	const cap_value_t wanted = CAP_NET_BIND_SERVICE;
	cap_t some = cap_init();

	(void)arg;
	assert(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0);
	become_ordinary();
	assert(cap_set_flag(some, CAP_PERMITTED, 1, &wanted, CAP_SET) == 0);
	assert(cap_set_flag(some, CAP_EFFECTIVE, 1, &wanted, CAP_SET) == 0);
	assert(cap_set_proc(some) == 0);
	(void)cap_free(some);
	assert(ts_privileges_drop(NULL) == 0);
	expect_no_power();
	return 0;
}

static void
capabilities_go_without_a_change_of_user(void **state)
{
	(void)state;
	skip_unless_root();
	process_run(keep_a_capability, NULL);
}

/* Becoming another undoes it, unless it is done again. */
static int
keep_the_death_signal(void *arg)
{
	const struct ts_ids ids = { NOBODY, NOBODY };
	int number = 0;

	(void)arg;
	assert(prctl(PR_SET_PDEATHSIG, SIGUSR1) == 0);
	assert(ts_privileges_drop(&ids) == 0);
	assert(prctl(PR_GET_PDEATHSIG, &number) == 0);
	assert(number == SIGUSR1);
	return 0;
}

static void
who_ends_with_the_parent_still_does(void **state)
{
	(void)state;
	skip_unless_root();
	process_run(keep_the_death_signal, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(users_are_found_by_name_and_number),
		cmocka_unit_test(the_superuser_becomes_another_for_ever),
		cmocka_unit_test(who_stays_the_superuser_is_told_so),
		cmocka_unit_test(an_ordinary_user_stays_one),
		cmocka_unit_test(an_ordinary_user_becomes_nobody_else),
		cmocka_unit_test(capabilities_go_without_a_change_of_user),
		cmocka_unit_test(who_ends_with_the_parent_still_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
