/* SPDX-License-Identifier: MIT */
/* What a jail is built of, made while all can still be reached. */
#include "jail/plan.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "jail/served_mounts.h"
#include "os/chroot.h"
#include "os/fd.h"
#include "os/landlock.h"

/*
 * The parent ends a child that uses more processor time than moved bytes pay
 * for; so many times its time is the last bound, which the kernel keeps.
 */
#define LAST_CPU_FACTOR 60
/* No file that a child opens can stand at a number that its filter names. */
#define CHILD_DESCRIPTORS (TS_FD_CHILD_MOST + 1)
/*
 * The user that root's server changes to unless another is named, and the
 * number that it has where /etc/passwd is missing or does not list it.
 */
#define STANDARD_USER "nobody"
#define STANDARD_USER_NUMBER "65534"

void
ts_jailplan_init(struct ts_jailplan *plan)
{
	*plan = (struct ts_jailplan){
		.empty_root_fd = -1,
		.parent_rules_fd = -1,
		.child_rules_fd = -1,
		.helper_rules_fd = -1,
	};
}

void
ts_jailplan_close(struct ts_jailplan *plan)
{
	ts_fd_close(&plan->parent_rules_fd);
	ts_fd_close(&plan->child_rules_fd);
	ts_fd_close(&plan->helper_rules_fd);
	for (unsigned i = 0; i < TS_JAIL_ROLES; i++)
		ts_filter_close(&plan->filters[i]);
	ts_fd_close(&plan->empty_root_fd);
	ts_filter_close(&plan->parent_filter);
}

static const struct ts_profile *
profile_of(const struct tcpserver_jail *wanted, enum ts_jail_role role)
{
	switch (role) {
	case TS_JAIL_LOGGER:
		return &ts_profile_logger;
	case TS_JAIL_CHILD:
	case TS_JAIL_ROLES:
		break;
	}
	return wanted->profile == TCPSERVER_PROFILE_FILES ? &ts_profile_files
							  : &ts_profile_stream;
}

const char *
ts_jailplan_user(const struct tcpserver *server)
{
	const char *user = server->options.jail.user;

	return user != NULL ? user : STANDARD_USER;
}

int
ts_jailplan_fail_user(struct tcpserver *server, int error)
{
	return ts_server_explain(server, error,
	    "change to user %.64s: %s: this user namespace may lack that user; "
	    "start as an ordinary user, or without a jail",
	    ts_jailplan_user(server), strerror(-error));
}

/* Only /etc/passwd and /etc/group are read, so these are the files to name. */
static int
fail_find(struct tcpserver *server, int error, const char *kind,
    const char *name)
{
	if (error == -ENOENT)
		return ts_server_explain(server, error, "no such %s: %s", kind,
		    name);
	return ts_server_fail(server, error, kind, name);
}

static int
find_ids(struct ts_jailplan *plan, struct tcpserver *server)
{
	const struct tcpserver_jail *wanted = &server->options.jail;
	const char *user = wanted->user;
	char own[16];
	int r;

	(void)snprintf(own, sizeof(own), "%u", geteuid());
	if (user == NULL)
		user = ts_privileges_are_root() ? STANDARD_USER : own;
	r = ts_privileges_find(&plan->ids, user, NULL);
	if (r < 0 && wanted->user == NULL) {
		user = STANDARD_USER_NUMBER;
		r = ts_privileges_find(&plan->ids, user, NULL);
	}
	if (r < 0)
		return fail_find(server, r, "user", user);
	r = ts_privileges_find(&plan->ids, user, wanted->group);
	if (r < 0)
		return fail_find(server, r, "group", wanted->group);
	return 0;
}

/* Root may change to any user but its own; anybody else to none. */
static int
check_ids(struct ts_jailplan *plan, struct tcpserver *server)
{
	const struct tcpserver_jail *wanted = &server->options.jail;

	if (plan->ids.user == 0)
		return ts_server_explain(server, -EINVAL,
		    "user %s: the server must not remain root",
		    ts_jailplan_user(server));
	if (ts_privileges_are_root() && !ts_privileges_may_change())
		return ts_server_explain(server, -EPERM,
		    "change to user %.64s: root lacks CAP_SETUID or CAP_SETGID "
		    "here: add them, start as an ordinary user, or without a "
		    "jail",
		    ts_jailplan_user(server));
	if (ts_privileges_are_root())
		return 0;
	if (!ts_privileges_are(&plan->ids))
		return ts_server_explain(server, -EPERM,
		    "only root can change to %s %s",
		    wanted->user != NULL ? "user" : "group",
		    wanted->user != NULL ? wanted->user : wanted->group);
	plan->has_ids = false;
	return 0;
}

int
ts_jailplan_ids(struct ts_jailplan *plan, struct tcpserver *server)
{
	const struct tcpserver_jail *wanted = &server->options.jail;
	int r;

	plan->has_ids = wanted->user != NULL || wanted->group != NULL ||
	    ts_privileges_are_root();
	if (!plan->has_ids)
		return 0;
	r = find_ids(plan, server);
	return r < 0 ? r : check_ids(plan, server);
}

/* Folders, and what for: TS_LANDLOCK_FOLDERS are more than there can be. */
struct folders {
	struct ts_landlock_folder all[TS_LANDLOCK_FOLDERS];
	unsigned count;
};

/* Where there is one (not -1). */
static void
add_folder(struct folders *folders, int fd, enum ts_landlock_use use)
{
	if (fd >= 0)
		folders->all[folders->count++] =
		    (struct ts_landlock_folder){ fd, use };
}

/* What handlers read. */
static void
add_reads(struct folders *folders, const struct tcpserver *server)
{
	if (server->options.jail.profile != TCPSERVER_PROFILE_FILES)
		return;
	add_folder(folders, server->root_fd, TS_LANDLOCK_READ);
	for (unsigned i = 0; i < server->folder_count; i++)
		add_folder(folders, server->folder_fds[i], TS_LANDLOCK_READ);
}

/*
 * Rules for the parent, and for those it starts: theirs hold in addition, so
 * the parent's must allow whatever any of them may.
 */
static int
plan_rules(struct ts_jailplan *plan, const struct tcpserver *server,
    const struct ts_place *status)
{
	struct folders folders = { .count = 0 };
	unsigned reads;
	int r;

	add_reads(&folders, server);
	reads = folders.count;
	for (unsigned i = 0; i < server->listener_count; i++)
		add_folder(&folders, server->listeners[i].place.folder_fd,
		    TS_LANDLOCK_REMOVE);
	add_folder(&folders, status->folder_fd, TS_LANDLOCK_REMOVE);
	r = ts_landlock_open(&plan->parent_rules_fd, folders.all,
	    folders.count);
	if (r == 0)
		r = ts_landlock_open(&plan->child_rules_fd, folders.all, reads);
	if (r == 0)
		r = ts_landlock_open(&plan->helper_rules_fd, NULL, 0);
	return r;
}

static int
plan_filters(struct ts_jailplan *plan, struct tcpserver *server)
{
	const struct tcpserver_jail *wanted = &server->options.jail;
	int r;

	plan->filters_error = ts_filter_probe();
	if (plan->filters_error != 0)
		return 0;
	r = ts_filter_open(&plan->parent_filter, &ts_profile_parent,
	    wanted->calls);
	for (unsigned i = 0; r == 0 && i < TS_JAIL_ROLES; i++)
		r = ts_filter_open(&plan->filters[i], profile_of(wanted, i),
		    i == TS_JAIL_CHILD ? wanted->calls : NULL);
	if (r < 0)
		return ts_server_fail(server, r, "jail: system calls", NULL);
	return 0;
}

static void
plan_limits(struct ts_jailplan *plan, const struct tcpserver_options *options)
{
	ts_limits_init(&plan->limits, options->jail.memory_bytes,
	    LAST_CPU_FACTOR * (uint64_t)options->jail.cpu_s, CHILD_DESCRIPTORS);
}

int
ts_jailplan_make(struct ts_jailplan *plan, struct tcpserver *server,
    const struct ts_place *status)
{
	int r;

	r = ts_jailplan_ids(plan, server);
	if (r == 0)
		r = plan_filters(plan, server);
	if (r < 0)
		return r;
	plan_limits(plan, &server->options);
	plan->rules_error = plan_rules(plan, server, status);
	plan->is_read_only = ts_served_mounts_are_read_only(server);
	if (server->root_fd < 0)
		plan->root_error = ts_root_open_empty(&plan->empty_root_fd);
	return 0;
}
