/* SPDX-License-Identifier: MIT */
/* Whose a process is, and what it may beyond that. */
#ifndef TS_OS_PRIVILEGES_H
#define TS_OS_PRIVILEGES_H

#include <stdbool.h>
#include <sys/types.h>

/* A user and a group. */
struct ts_ids {
	uid_t user;
	gid_t group;
};

/* Whether this process is the superuser's. */
bool ts_privileges_are_root(void);

/* Whether it has the capabilities to change its user and its groups. */
bool ts_privileges_may_change(void);

/* Whether it is theirs already. */
bool ts_privileges_are(const struct ts_ids *ids);

/*
 * Finds a user by name or number, and its group, or the one that `group`
 * names (NULL: the user's own).  Only /etc/passwd and /etc/group are asked.
 * Fails with -ENOENT (there is no such user or group), or what fopen(3) says.
 */
int ts_privileges_find(struct ts_ids *ret_ids, const char *user,
    const char *group);

/*
 * From here on this process is theirs (NULL: whose it was), in no other group
 * and without any capability, and cannot become another's again; that is
 * tried.  Fails with what setresuid(2), setgroups(2) or capset(2) says, or
 * with -EPERM where something is left; the capabilities are gone even then.
 */
int ts_privileges_drop(const struct ts_ids *ids);

#endif
