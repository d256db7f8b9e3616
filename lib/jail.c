/* SPDX-License-Identifier: MIT */
/* The jail: once in the parent, and in each of its processes. */
#include "jail.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "os/fd.h"
#include "os/landlock.h"
#include "os/namespaces.h"
#include "os/privileges.h"
#include "os/root.h"
#include "os/selfrule.h"

/* From which version on landlock(7) forbids what. */
#define LANDLOCK_NETWORK 4
#define LANDLOCK_SCOPES 6
/*
 * Beside those that other children hand over now, which count as well: what
 * waits for the lot, or comes back from it.  A queue between the two holds
 * fewer than 300 (net.core.wmem_default).
 */
#define CHILD_DESCRIPTORS 1024
/* Who to become, where the superuser names nobody else. */
#define STANDARD_USER "nobody"
#define BECOME "become another user"
/* A user, and words. */
#define USER_TEXT_SIZE 96

/* What is made before the first wall, while all can still be reached. */
struct plan {
	/* Who to become, unless it is whoever it is. */
	bool has_ids;
	struct ts_ids ids;
	int root_fd;
	bool owns_root;
	int parent_rules_fd;
	struct ts_filter parent_filter;
};

static const struct ts_profile *
profile_of(const struct tcpserver_jail *wanted, enum ts_jail_role role)
{
	switch (role) {
	case TS_JAIL_LOT:
		return &ts_profile_lot;
	case TS_JAIL_LOGGER:
		return &ts_profile_logger;
	case TS_JAIL_CHILD:
	case TS_JAIL_ROLES:
		break;
	}
	return wanted->profile == TCPSERVER_PROFILE_FILES ? &ts_profile_files
							  : &ts_profile_stream;
}

void
ts_jail_init(struct ts_jail *jail)
{
	*jail = (struct ts_jail){
		.child_rules_fd = -1,
		.helper_rules_fd = -1,
	};
	/* None stands. */
	for (unsigned i = 0; i < TS_WALLS; i++)
		jail->walls.missing[i] = EOPNOTSUPP;
}

void
ts_jail_close(struct ts_jail *jail)
{
	ts_fd_close(&jail->child_rules_fd);
	ts_fd_close(&jail->helper_rules_fd);
	for (unsigned i = 0; i < TS_JAIL_ROLES; i++)
		ts_filter_close(&jail->filters[i]);
}

/* --- Plans --------------------------------------------------------------- */

static int
plan_ids(struct plan *plan, struct tcpserver *server)
{
	const struct tcpserver_jail *wanted = &server->options.jail;
	const char *user = wanted->user;
	char own[16];
	int r;

	plan->has_ids =
	    user != NULL || wanted->group != NULL || ts_privileges_are_root();
	if (!plan->has_ids)
		return 0;
	(void)snprintf(own, sizeof(own), "%u", geteuid());
	if (user == NULL)
		user = ts_privileges_are_root() ? STANDARD_USER : own;
	r = ts_privileges_find(&plan->ids, user, wanted->group);
	if (r < 0)
		return ts_server_fail(server, r,
		    wanted->group != NULL ? "user and group" : "user", user);
	if (plan->ids.user == 0)
		return ts_server_fail(server, -EINVAL, "user", user);
	if (ts_privileges_are_root())
		return 0;
	if (!ts_privileges_are(&plan->ids))
		return ts_server_fail(server, -EPERM, BECOME, wanted->user);
	plan->has_ids = false;
	return 0;
}

static int
plan_root(struct plan *plan, struct tcpserver *server)
{
	plan->root_fd = server->root_fd;
	plan->owns_root = server->root_fd < 0;
	return plan->owns_root ? ts_root_open_empty(&plan->root_fd) : 0;
}

/*
 * Rules for the parent, and for those it starts: theirs hold in addition, so
 * the parent's must allow whatever any of them may.
 */
static int
plan_rules(struct plan *plan, struct ts_jail *jail,
    const struct tcpserver *server, const struct ts_place *status)
{
	struct ts_landlock_folder folders[TS_LANDLOCK_FOLDERS];
	unsigned reads = 0;
	unsigned count;
	int r;

	if (server->root_fd >= 0 &&
	    server->options.jail.profile == TCPSERVER_PROFILE_FILES)
		folders[reads++] = (struct ts_landlock_folder){ server->root_fd,
			TS_LANDLOCK_READ };
	count = reads;
	for (unsigned i = 0; i < server->listener_count; i++)
		if (server->listeners[i].place.folder_fd >= 0)
			folders[count++] = (struct ts_landlock_folder){
				server->listeners[i].place.folder_fd,
				TS_LANDLOCK_REMOVE
			};
	if (status->folder_fd >= 0)
		folders[count++] =
		    (struct ts_landlock_folder){ status->folder_fd,
			    TS_LANDLOCK_REMOVE };
	r = ts_landlock_open(&plan->parent_rules_fd, folders, count);
	if (r == 0)
		r = ts_landlock_open(&jail->child_rules_fd, folders, reads);
	if (r == 0)
		r = ts_landlock_open(&jail->helper_rules_fd, NULL, 0);
	return r;
}

static int
plan_filters(struct plan *plan, struct ts_jail *jail, struct tcpserver *server)
{
	const struct tcpserver_jail *wanted = &server->options.jail;
	int r;

	jail->walls.missing[TS_WALL_SECCOMP] = -ts_filter_probe();
	if (jail->walls.missing[TS_WALL_SECCOMP] != 0)
		return 0;
	r = ts_filter_open(&plan->parent_filter, &ts_profile_parent,
	    wanted->calls);
	for (unsigned i = 0; r == 0 && i < TS_JAIL_ROLES; i++)
		r = ts_filter_open(&jail->filters[i], profile_of(wanted, i),
		    i == TS_JAIL_CHILD ? wanted->calls : NULL);
	if (r < 0)
		return ts_server_fail(server, r, "jail: system calls", NULL);
	return 0;
}

static void
plan_limits(struct ts_jail *jail, const struct tcpserver_options *options)
{
	ts_limits_init(&jail->limits, options->jail.memory_bytes,
	    options->jail.cpu_s, options->max_children + CHILD_DESCRIPTORS);
}

static const char *
user_of(const struct tcpserver *server)
{
	const char *user = server->options.jail.user;

	return user != NULL ? user : STANDARD_USER;
}

/* --- Walls --------------------------------------------------------------- */

static void
built(struct ts_jail *jail, enum ts_wall wall, int r)
{
	jail->walls.missing[wall] = r < 0 ? -r : 0;
}

/*
 * An ordinary user needs a user namespace for these two.  In one, every other
 * user is the same nobody; so not where clients are told apart by user.
 */
static int
get_leave(const struct tcpserver *server)
{
	if (ts_privileges_are_root())
		return 0;
	for (unsigned i = 0; i < server->listener_count; i++)
		if (server->listeners[i].endpoint.kind == TS_ENDPOINT_UNIX)
			return -EOPNOTSUPP;
	return ts_namespaces_leave_users();
}

static void
build_places(struct ts_jail *jail, const struct plan *plan,
    const struct tcpserver *server, int root_error)
{
	int r = get_leave(server);

	built(jail, TS_WALL_NETWORK_NAMESPACE,
	    r < 0 ? r : ts_namespaces_leave_network());
	if (r == 0)
		r = root_error;
	built(jail, TS_WALL_CHROOT, r < 0 ? r : ts_root_enter(plan->root_fd));
}

static int
build_user(struct ts_jail *jail, const struct plan *plan,
    struct tcpserver *server)
{
	int r = ts_privileges_drop(plan->has_ids ? &plan->ids : NULL);

	built(jail, TS_WALL_USER, r);
	/* Nothing serves as the superuser, or as another than was asked for. */
	if (r < 0 && plan->has_ids)
		return ts_server_fail(server, r, BECOME, user_of(server));
	return 0;
}

/* What is to be served must be open to who serves: maybe another, by now. */
static int
check_root(const struct plan *plan, struct tcpserver *server)
{
	const struct tcpserver_options *o = &server->options;
	char step[USER_TEXT_SIZE] = "read root";
	int r;

	if (server->root_fd < 0 || o->jail.profile != TCPSERVER_PROFILE_FILES)
		return 0;
	r = ts_fd_may_read_folder(server->root_fd);
	if (r == 0)
		return 0;
	if (plan->has_ids)
		(void)snprintf(step, sizeof(step), "as user %.64s: read root",
		    user_of(server));
	return ts_server_fail(server, r, step, o->root);
}

static void
build_landlock(struct ts_jail *jail, const struct plan *plan, int r)
{
	int version = ts_landlock_version();

	if (r == 0)
		r = ts_landlock_enter(plan->parent_rules_fd);
	built(jail, TS_WALL_LANDLOCK_FILES, r);
	built(jail, TS_WALL_LANDLOCK_NETWORK,
	    r == 0 && version < LANDLOCK_NETWORK ? -EOPNOTSUPP : r);
	built(jail, TS_WALL_LANDLOCK_SCOPES,
	    r == 0 && version < LANDLOCK_SCOPES ? -EOPNOTSUPP : r);
}

static int
build(struct ts_jail *jail, struct plan *plan, struct tcpserver *server,
    const struct ts_place *status)
{
	int root_error;
	int rules_error;
	int r;

	r = plan_ids(plan, server);
	if (r == 0)
		r = plan_filters(plan, jail, server);
	if (r < 0)
		return r;
	plan_limits(jail, &server->options);
	rules_error = plan_rules(plan, jail, server, status);
	root_error = plan_root(plan, server);
	build_places(jail, plan, server, root_error);
	r = build_user(jail, plan, server);
	if (r == 0)
		r = check_root(plan, server);
	if (r < 0)
		return r;
	r = ts_selfrule_stay_low();
	if (r < 0)
		return ts_server_fail(server, r, "jail: prctl", NULL);
	built(jail, TS_WALL_MDWE, ts_selfrule_refuse_exec_gain());
	build_landlock(jail, plan, rules_error);
	if (jail->walls.missing[TS_WALL_SECCOMP] == 0)
		built(jail, TS_WALL_SECCOMP,
		    ts_filter_attach(&plan->parent_filter));
	return 0;
}

static int
refuse_gaps(const struct ts_jail *jail, struct tcpserver *server)
{
	char text[TS_WALLS_TEXT_SIZE];

	ts_walls_missing(&jail->walls, text);
	(void)snprintf(server->errmsg, sizeof(server->errmsg),
	    "jail: these walls are missing: %s", text);
	return -EOPNOTSUPP;
}

/* Without a jail, too, whoever it was to become. */
static int
become_wanted(struct tcpserver *server)
{
	struct plan plan = { .root_fd = -1 };
	int r;

	if (server->options.jail.user == NULL &&
	    server->options.jail.group == NULL)
		return 0;
	r = plan_ids(&plan, server);
	if (r < 0 || !plan.has_ids)
		return r;
	r = ts_privileges_drop(&plan.ids);
	if (r < 0)
		return ts_server_fail(server, r, BECOME,
		    server->options.jail.user);
	return 0;
}

int
ts_jail_enter(struct ts_jail *jail, struct tcpserver *server,
    const struct ts_place *status)
{
	enum tcpserver_jail_mode mode = server->options.jail.mode;
	struct plan plan = { .root_fd = -1, .parent_rules_fd = -1 };
	int r;

	if (mode == TCPSERVER_JAIL_OFF)
		return become_wanted(server);
	jail->is_on = true;
	jail->parent = getpid();
	r = build(jail, &plan, server, status);
	if (r == 0 && mode == TCPSERVER_JAIL_STRICT &&
	    !ts_walls_are_whole(&jail->walls))
		r = refuse_gaps(jail, server);
	ts_fd_close(&plan.parent_rules_fd);
	if (plan.owns_root)
		ts_fd_close(&plan.root_fd);
	ts_filter_close(&plan.parent_filter);
	return r;
}

/* --- Each process -------------------------------------------------------- */

int
ts_jail_confine(const struct ts_jail *jail, enum ts_jail_role role)
{
	int rules_fd = role == TS_JAIL_CHILD ? jail->child_rules_fd
					     : jail->helper_rules_fd;
	int r;

	if (!jail->is_on)
		return 0;
	if (role != TS_JAIL_CHILD) {
		r = ts_limits_set_alone();
	} else {
		r = ts_limits_set(&jail->limits);
		/* The helpers end by themselves, when all is seen to. */
		if (r == 0)
			r = ts_selfrule_die_with(jail->parent);
	}
	if (r == 0 && jail->walls.missing[TS_WALL_LANDLOCK_FILES] == 0)
		r = ts_landlock_enter(rules_fd);
	return r;
}

int
ts_jail_seal(const struct ts_jail *jail, enum ts_jail_role role)
{
	if (!jail->is_on || jail->walls.missing[TS_WALL_SECCOMP] != 0)
		return 0;
	return ts_filter_attach(&jail->filters[role]);
}
