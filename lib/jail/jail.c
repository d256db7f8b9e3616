/* SPDX-License-Identifier: MIT */
/* The jail: once in the parent, and in each of its processes. */
#include "jail/jail.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "jail/plan.h"
#include "jail/served_mounts.h"
#include "os/chroot.h"
#include "os/fd.h"
#include "os/landlock.h"
#include "os/namespaces.h"
#include "os/prctl.h"
#include "os/privileges.h"

/* From which version on landlock(7) forbids what. */
#define LANDLOCK_TRUNCATE 3
#define LANDLOCK_NETWORK 4
#define LANDLOCK_SCOPES 6

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
build_places(struct ts_jail *jail, const struct ts_jailplan *plan,
    struct tcpserver *server)
{
	int r = get_leave(server);
	struct ts_served_mounts mounts = { r, r };
	bool is_read_only;

	if (r == 0)
		mounts = ts_served_mounts_make(server);
	is_read_only = mounts.read_only == 0 || plan->is_read_only;
	built(jail, TS_WALL_READ_ONLY_MOUNTS,
	    is_read_only ? 0 : mounts.read_only);
	built(jail, TS_WALL_NETWORK_NAMESPACE,
	    r < 0 ? r : ts_namespaces_leave_network());
	if (r == 0)
		r = plan->root_error;
	if (r == 0)
		r = ts_root_enter(server->root_fd >= 0 ? server->root_fd
						       : plan->empty_root_fd);
	built(jail, TS_WALL_CHROOT, r < 0 ? r : mounts.folders_detached);
}

static int
build_user(struct ts_jail *jail, const struct ts_jailplan *plan,
    struct tcpserver *server)
{
	int r = ts_privileges_drop(plan->has_ids ? &plan->ids : NULL);

	built(jail, TS_WALL_USER, r);
	/* Nothing serves as the superuser, or as another than was asked for. */
	if (r < 0 && plan->has_ids)
		return ts_jailplan_fail_user(server, r);
	return 0;
}

/* The served directories must be readable by the user that it has become. */
static int
check_folder(const struct ts_jailplan *plan, struct tcpserver *server, int fd,
    const char *path)
{
	int r;

	r = ts_fd_may_read_folder(fd);
	if (r == 0)
		return 0;
	if (!plan->has_ids)
		return ts_server_fail(server, r, "read directory", path);
	return ts_server_explain(server, r,
	    "user %.64s cannot read directory %s: %s", ts_jailplan_user(server),
	    path, strerror(-r));
}

static int
check_folders(const struct ts_jailplan *plan, struct tcpserver *server)
{
	const struct tcpserver_options *o = &server->options;
	int r = 0;

	if (server->root_fd < 0 || o->jail.profile != TCPSERVER_PROFILE_FILES)
		return 0;
	r = check_folder(plan, server, server->root_fd, o->root);
	for (unsigned i = 0; r == 0 && i < server->folder_count; i++)
		r = check_folder(plan, server, server->folder_fds[i],
		    o->folders[i]);
	return r;
}

static void
build_landlock(struct ts_jail *jail, const struct ts_jailplan *plan)
{
	int version = ts_landlock_version();
	int r = plan->rules_error;

	if (r == 0)
		r = ts_landlock_enter(plan->parent_rules_fd);
	built(jail, TS_WALL_LANDLOCK_FILES, r);
	built(jail, TS_WALL_LANDLOCK_TRUNCATE,
	    r == 0 && version < LANDLOCK_TRUNCATE ? -EOPNOTSUPP : r);
	built(jail, TS_WALL_LANDLOCK_NETWORK,
	    r == 0 && version < LANDLOCK_NETWORK ? -EOPNOTSUPP : r);
	built(jail, TS_WALL_LANDLOCK_SCOPES,
	    r == 0 && version < LANDLOCK_SCOPES ? -EOPNOTSUPP : r);
}

/* The jail keeps what each of its processes needs. */
static void
take_over(struct ts_jail *jail, struct ts_jailplan *plan)
{
	jail->limits = plan->limits;
	jail->child_rules_fd = plan->child_rules_fd;
	jail->helper_rules_fd = plan->helper_rules_fd;
	memcpy(jail->filters, plan->filters, sizeof(jail->filters));
	built(jail, TS_WALL_SECCOMP, plan->filters_error);
	plan->child_rules_fd = -1;
	plan->helper_rules_fd = -1;
	memset(plan->filters, 0, sizeof(plan->filters));
}

static int
build(struct ts_jail *jail, struct ts_jailplan *plan, struct tcpserver *server,
    const struct ts_place *status)
{
	int r;

	r = ts_jailplan_make(plan, server, status);
	if (r < 0)
		return r;
	take_over(jail, plan);
	build_places(jail, plan, server);
	r = build_user(jail, plan, server);
	if (r == 0)
		r = check_folders(plan, server);
	if (r < 0)
		return r;
	r = ts_selfrule_stay_low();
	if (r < 0)
		return ts_server_fail(server, r, "jail: prctl", NULL);
	built(jail, TS_WALL_MDWE, ts_selfrule_refuse_exec_gain());
	build_landlock(jail, plan);
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

/*
 * The folders beside the root lie outside of it, and where they could not be
 * detached, what is above them is in reach of "..".
 */
static int
refuse_folders(struct tcpserver *server)
{
	(void)snprintf(server->errmsg, sizeof(server->errmsg),
	    "jail: folders beside the root need landlock");
	return -EOPNOTSUPP;
}

/* Without a jail, too, whoever it was to become. */
static int
become_wanted(struct tcpserver *server)
{
	struct ts_jailplan plan;
	int r;

	if (server->options.jail.user == NULL &&
	    server->options.jail.group == NULL)
		return 0;
	ts_jailplan_init(&plan);
	r = ts_jailplan_ids(&plan, server);
	if (r < 0 || !plan.has_ids)
		return r;
	r = ts_privileges_drop(&plan.ids);
	if (r < 0)
		return ts_jailplan_fail_user(server, r);
	return 0;
}

int
ts_jail_enter(struct ts_jail *jail, struct tcpserver *server,
    const struct ts_place *status)
{
	enum tcpserver_jail_mode mode = server->options.jail.mode;
	struct ts_jailplan plan;
	int r;

	if (mode == TCPSERVER_JAIL_OFF)
		return become_wanted(server);
	ts_jailplan_init(&plan);
	jail->is_on = true;
	jail->parent = getpid();
	r = build(jail, &plan, server, status);
	if (r == 0 && mode == TCPSERVER_JAIL_STRICT &&
	    !ts_walls_are_whole(&jail->walls))
		r = refuse_gaps(jail, server);
	if (r == 0 && server->folder_count > 0 &&
	    jail->walls.missing[TS_WALL_LANDLOCK_FILES] != 0)
		r = refuse_folders(server);
	ts_jailplan_close(&plan);
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
	int r = 0;

	if (!jail->is_on)
		return 0;
	if (role == TS_JAIL_CHILD)
		r = ts_limits_set_descriptors(&jail->limits);
	if (r < 0 || jail->walls.missing[TS_WALL_SECCOMP] != 0)
		return r;
	return ts_filter_attach(&jail->filters[role]);
}
