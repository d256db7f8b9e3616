/* SPDX-License-Identifier: MIT */
/* Whose a process is, and what it may beyond that. */
#include "os/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

bool
ts_privileges_are_root(void)
{
	return geteuid() == 0 || getuid() == 0;
}

bool
ts_privileges_may_change(void)
{
	cap_t now = cap_get_proc();
	cap_flag_value_t user = CAP_CLEAR;
	cap_flag_value_t group = CAP_CLEAR;

	if (now == NULL)
		return false;
	(void)cap_get_flag(now, CAP_SETUID, CAP_EFFECTIVE, &user);
	(void)cap_get_flag(now, CAP_SETGID, CAP_EFFECTIVE, &group);
	(void)cap_free(now);
	return user == CAP_SET && group == CAP_SET;
}

bool
ts_privileges_are(const struct ts_ids *ids)
{
	return geteuid() == ids->user && getuid() == ids->user &&
	    getegid() == ids->group && getgid() == ids->group;
}

/* A whole decimal number.  The highest stands for "none", see setuid(2). */
static bool
is_number(const char *text, uint32_t *ret_number)
{
	unsigned long value;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	value = strtoul(text, &end, 10);
	*ret_number = (uint32_t)value;
	return errno == 0 && *end == '\0' && value < UINT32_MAX;
}

/* Not getpwnam(3): it would load what /etc/nsswitch.conf names. */
static int
find_user(const char *name, struct ts_ids *ids)
{
	uint32_t number = UINT32_MAX;
	bool is_given = is_number(name, &number);
	const struct passwd *entry;
	FILE *file;

	file = fopen("/etc/passwd", "re");
	if (file == NULL && !is_given)
		return -errno;
	while (file != NULL && (entry = fgetpwent(file)) != NULL)
		if (is_given ? entry->pw_uid == number
			     : strcmp(entry->pw_name, name) == 0)
			break;
	if (file == NULL || entry == NULL) {
		*ids = (struct ts_ids){ number, number };
	} else {
		*ids = (struct ts_ids){ entry->pw_uid, entry->pw_gid };
		is_given = true;
	}
	if (file != NULL)
		(void)fclose(file);
	return is_given ? 0 : -ENOENT;
}

static int
find_group(const char *name, gid_t *ret_group)
{
	const struct group *entry;
	FILE *file;

	if (is_number(name, ret_group))
		return 0;
	file = fopen("/etc/group", "re");
	if (file == NULL)
		return -errno;
	while ((entry = fgetgrent(file)) != NULL)
		if (strcmp(entry->gr_name, name) == 0)
			break;
	if (entry != NULL)
		*ret_group = entry->gr_gid;
	(void)fclose(file);
	return entry != NULL ? 0 : -ENOENT;
}

int
ts_privileges_find(struct ts_ids *ret_ids, const char *user, const char *group)
{
	struct ts_ids ids;
	int r;

	r = find_user(user, &ids);
	if (r == 0 && group != NULL)
		r = find_group(group, &ids.group);
	if (r == 0)
		*ret_ids = ids;
	return r;
}

static int
become(const struct ts_ids *ids)
{
	if (setgroups(0, NULL) < 0 ||
	    setresgid(ids->group, ids->group, ids->group) < 0 ||
	    setresuid(ids->user, ids->user, ids->user) < 0)
		return -errno;
	return 0;
}

/* What a program could get back by running another is out of reach, too. */
static void
drop_bounding_set(void)
{
	for (cap_value_t i = 0; cap_get_bound(i) >= 0; i++)
		(void)cap_drop_bound(i);
	(void)cap_reset_ambient();
}

static int
set_no_capabilities(void)
{
	cap_t now = cap_get_proc();
	cap_t none = cap_init();
	int r = 0;

	if (now == NULL || none == NULL)
		r = -ENOMEM;
	/* A filter from outside may forbid the call, where none is needed. */
	else if (cap_compare(now, none) != 0 && cap_set_proc(none) < 0)
		r = -errno;
	(void)cap_free(now);
	(void)cap_free(none);
	return r;
}

/* Whether nothing is left, asked of the kernel, and tried. */
static bool
is_powerless(void)
{
	cap_t now = cap_get_proc();
	cap_t none = cap_init();
	bool is_none =
	    now != NULL && none != NULL && cap_compare(now, none) == 0;

	(void)cap_free(now);
	(void)cap_free(none);
	return is_none && !ts_privileges_are_root() && setresuid(0, 0, 0) < 0 &&
	    setresgid(0, 0, 0) < 0;
}

/* Becoming another would undo that it ends with its parent: see prctl(2). */
static int
become_and_keep_death_signal(const struct ts_ids *ids)
{
	int number = 0;
	int r;

	(void)prctl(PR_GET_PDEATHSIG, &number);
	r = become(ids);
	(void)prctl(PR_SET_PDEATHSIG, number);
	return r;
}

int
ts_privileges_drop(const struct ts_ids *ids)
{
	int r = 0;
	int capabilities;

	drop_bounding_set();
	if (ids != NULL)
		r = become_and_keep_death_signal(ids);
	/* Also where it could not become them. */
	capabilities = set_no_capabilities();
	if (r == 0)
		r = capabilities;
	if (r == 0 && !is_powerless())
		r = -EPERM;
	return r;
}
