/* SPDX-License-Identifier: MIT */
/* What a jail is built of, made while all can still be reached. */
#ifndef TS_JAIL_PLAN_H
#define TS_JAIL_PLAN_H

#include <stdbool.h>

#include "jail/role.h"
#include "os/at_path.h"
#include "os/privileges.h"
#include "os/rlimits.h"
#include "os/seccomp.h"
#include "server.h"

struct ts_jailplan {
	/* Who to become, unless it is whoever it is. */
	bool has_ids;
	struct ts_ids ids;
	/* The directories that are served cannot be written to as it is. */
	bool is_read_only;
	/*
	 * Becomes the root directory of a server that has no root (else -1);
	 * where it could not be opened, why (< 0).
	 */
	int empty_root_fd;
	int root_error;
	/* The parent's rules of landlock(7); as above. */
	int parent_rules_fd;
	int rules_error;
	struct ts_filter parent_filter;
	/*
	 * For the processes in the jail, until the jail takes it over: the
	 * limits of a child, the rules of landlock(7) of a child and of the
	 * helpers (-1: none), and the filters by role.
	 */
	struct ts_limits limits;
	int child_rules_fd;
	int helper_rules_fd;
	struct ts_filter filters[TS_JAIL_ROLES];
	/* What seccomp(2) says where the kernel has no filters (< 0), or 0. */
	int filters_error;
};

/* An empty one: ts_jailplan_close() may be called. */
void ts_jailplan_init(struct ts_jailplan *plan);

/*
 * Only who to become, as the options say.  Fails, with server->errmsg set,
 * where that is nobody, the superuser, or another and this is not the
 * superuser's.
 */
int ts_jailplan_ids(struct ts_jailplan *plan, struct tcpserver *server);

/* The user that the options name, for messages. */
const char *ts_jailplan_user(const struct tcpserver *server);

/*
 * Keeps the reason for which the server cannot change to that user.
 * Returns `error`, a negative errno, for the caller to return.
 */
int ts_jailplan_fail_user(struct tcpserver *server, int error);

/*
 * All of it; `status` is as ts_jail_enter() has it.  Fails, with server->errmsg
 * set, where a step fails that no kernel lacks; what was made before is for
 * ts_jailplan_close().
 */
int ts_jailplan_make(struct ts_jailplan *plan, struct tcpserver *server,
    const struct ts_place *status);

void ts_jailplan_close(struct ts_jailplan *plan);

#endif
