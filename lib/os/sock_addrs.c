/* SPDX-License-Identifier: MIT */
/* The two ends of a connection. */
#include "os/sock_addrs.h"

#include <errno.h>

/* Who is at the other end of a unix socket; nobody (-1) if unknown. */
static struct ts_addr
local_peer(int fd)
{
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t size = sizeof(peer);

	(void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
	return ts_addr_from_uid(peer.uid);
}

int
ts_ends_of_accepted(int connection, const struct sockaddr *sa,
    socklen_t sa_size, struct ts_addr *ret_peer, struct ts_addr *ret_local)
{
	struct sockaddr_storage here = { 0 };
	socklen_t size = sizeof(here);
	struct ts_addr local;
	int r;

	if (sa->sa_family == AF_UNIX) {
		*ret_peer = local_peer(connection);
		*ret_local = *ret_peer;
		return 0;
	}
	if (getsockname(connection, (struct sockaddr *)&here, &size) < 0)
		return -errno;
	r = ts_addr_from_sockaddr(&local, (const struct sockaddr *)&here, size);
	if (r < 0)
		return r;
	r = ts_addr_from_sockaddr(ret_peer, sa, sa_size);
	if (r < 0)
		return r;
	*ret_local = local;
	return 0;
}

int
ts_ends_of(int connection, struct ts_addr *ret_peer, struct ts_addr *ret_local)
{
	struct sockaddr_storage there = { 0 };
	socklen_t size = sizeof(there);

	if (getpeername(connection, (struct sockaddr *)&there, &size) < 0)
		return -errno;
	return ts_ends_of_accepted(connection, (const struct sockaddr *)&there,
	    size, ret_peer, ret_local);
}
