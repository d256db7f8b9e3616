/* SPDX-License-Identifier: MIT */
/* Worlds of one's own (namespaces(7)). */
#ifndef TS_OS_NAMESPACES_H
#define TS_OS_NAMESPACES_H

/*
 * A user namespace, in which an ordinary user may do what this jail needs to
 * be built: chroot(2) and a network namespace.  No user has a name in it.
 * Fails with what unshare(2) says.
 */
int ts_namespaces_leave_users(void);

/*
 * A network in which nothing is, not even a loopback that is up.  Sockets
 * that are open stay where they are.  Fails with what unshare(2) says.
 */
int ts_namespaces_leave_network(void);

/*
 * Mounts of its own, as they are now: who has left its users may take some of
 * them apart.  Fails with what unshare(2) says.
 */
int ts_namespaces_leave_mounts(void);

#endif
