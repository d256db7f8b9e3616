/* SPDX-License-Identifier: MIT */
/* Worlds of one's own (namespaces(7)). */
#include "os/namespaces.h"

#include <errno.h>
#include <sched.h>

int
ts_namespaces_leave_users(void)
{
	return unshare(CLONE_NEWUSER) < 0 ? -errno : 0;
}

int
ts_namespaces_leave_network(void)
{
	return unshare(CLONE_NEWNET) < 0 ? -errno : 0;
}

int
ts_namespaces_leave_mounts(void)
{
	return unshare(CLONE_NEWNS) < 0 ? -errno : 0;
}
