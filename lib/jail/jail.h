/* SPDX-License-Identifier: MIT */
/*
 * The jail: what is built once in the parent and inherited, and what each of
 * its processes adds for itself.
 */
#ifndef TS_JAIL_JAIL_H
#define TS_JAIL_JAIL_H

#include <stdbool.h>
#include <sys/types.h>

#include "core/jail_layers.h"
#include "jail/role.h"
#include "os/at_path.h"
#include "os/rlimits.h"
#include "os/seccomp.h"
#include "server.h"

struct ts_jail {
	/* Nothing of this is done where it is not. */
	bool is_on;
	pid_t parent;
	/* Which walls stand; all that are missing were allowed to be. */
	struct ts_walls walls;
	struct ts_limits limits;
	/* Rules of landlock(7), -1 where there are none: a child's, others'. */
	int child_rules_fd;
	int helper_rules_fd;
	/* By role; empty where the kernel has no filters. */
	struct ts_filter filters[TS_JAIL_ROLES];
};

/* A jail that is not on: ts_jail_close() may be called. */
void ts_jail_init(struct ts_jail *jail);

/*
 * Puts this process, the parent, into the jail that server->options want; for
 * ever.  Whatever it needs from outside is open by now; `status` is a place it
 * has to remove at the end, and the listeners' are others.
 * Fails, with server->errmsg set, where a step fails that no kernel lacks, and
 * with -EOPNOTSUPP where every wall was asked for and one is missing.
 */
int ts_jail_enter(struct ts_jail *jail, struct tcpserver *server,
    const struct ts_place *status);

void ts_jail_close(struct ts_jail *jail);

/*
 * In a new process, while it has all descriptors of the parent: its limits,
 * its end with the parent's, what it may reach.  Fails with what the kernel
 * says; then it must not go on.
 */
int ts_jail_confine(const struct ts_jail *jail, enum ts_jail_role role);

/*
 * In a new process that has all it needs, at its numbers: how many descriptors
 * it may have, and what it may call.  As above.
 */
int ts_jail_seal(const struct ts_jail *jail, enum ts_jail_role role);

#endif
