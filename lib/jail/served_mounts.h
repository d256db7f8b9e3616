/* SPDX-License-Identifier: MIT */
/* The directories that are served, as read-only mounts of their own. */
#ifndef TS_JAIL_SERVED_MOUNTS_H
#define TS_JAIL_SERVED_MOUNTS_H

#include <stdbool.h>

#include "server.h"

/* How far it went: 0, or the first error (< 0). */
struct ts_served_mounts {
	/* Each folder has nothing above it. */
	int folders_detached;
	/* The root and each folder are read-only. */
	int read_only;
};

/*
 * Whether the root and each folder lie on mounts that are read-only already.
 * To be asked before they are detached.
 */
bool ts_served_mounts_are_read_only(const struct tcpserver *server);

/*
 * Replaces server->root_fd and server->folder_fds by detached mounts that are
 * read-only, as far as this kernel allows.  An ordinary user must be in a user
 * namespace of its own, and gets a mount namespace.
 */
struct ts_served_mounts ts_served_mounts_make(struct tcpserver *server);

#endif
