/* SPDX-License-Identifier: MIT */
/* The directories that are served, as read-only mounts of their own. */
#include "jail/served_mounts.h"

#include "os/detached_mount.h"
#include "os/mounts.h"
#include "os/namespaces.h"
#include "os/privileges.h"

bool
ts_served_mounts_are_read_only(const struct tcpserver *server)
{
	if (server->root_fd >= 0 && !ts_mounts_are_read_only(server->root_fd))
		return false;
	for (unsigned i = 0; i < server->folder_count; i++)
		if (!ts_mounts_are_read_only(server->folder_fds[i]))
			return false;
	return true;
}

static void
keep_first(int *first, int r)
{
	if (*first == 0)
		*first = r;
}

struct ts_served_mounts
ts_served_mounts_make(struct tcpserver *server)
{
	const struct tcpserver_options *o = &server->options;
	struct ts_served_mounts made = { .read_only = 0 };
	int is_protected = 0;
	int r = 0;

	if (server->root_fd < 0)
		return made;
	/* open_tree(2) wants CAP_SYS_ADMIN over the mount namespace. */
	if (!ts_privileges_are_root())
		r = ts_namespaces_leave_mounts();
	if (r == 0)
		r = ts_subtree_detach(&server->root_fd, o->root, &is_protected);
	keep_first(&made.read_only, r < 0 ? r : is_protected);
	for (unsigned i = 0; i < server->folder_count; i++) {
		r = ts_subtree_detach(&server->folder_fds[i], o->folders[i],
		    &is_protected);
		keep_first(&made.folders_detached, r);
		keep_first(&made.read_only, r < 0 ? r : is_protected);
	}
	return made;
}
