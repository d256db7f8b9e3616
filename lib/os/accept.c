/* SPDX-License-Identifier: MIT */
/* Taking one connection from a listener. */
#include "os/accept.h"

#include <errno.h>
#include <unistd.h>

#include "os/fd.h"

/* Who is at the other end of a unix socket; nobody (-1) if unknown. */
static struct ts_addr
local_peer(int fd)
{
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t size = sizeof(peer);

	(void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
	return ts_addr_from_uid(peer.uid);
}

/* Both ends of a connection that was accepted from `sa`. */
static int
ends_of(int fd, const struct sockaddr *sa, socklen_t size,
    struct ts_addr *ret_peer, struct ts_addr *ret_local)
{
	struct sockaddr_storage local = { 0 };
	socklen_t local_size = sizeof(local);

	if (sa->sa_family == AF_UNIX) {
		*ret_peer = local_peer(fd);
		*ret_local = *ret_peer;
		return 0;
	}
	if (getsockname(fd, (struct sockaddr *)&local, &local_size) < 0 ||
	    ts_addr_from_sockaddr(ret_local, (const struct sockaddr *)&local,
		local_size) < 0)
		return -ECONNABORTED;
	return ts_addr_from_sockaddr(ret_peer, sa, size) < 0 ? -ECONNABORTED
							     : 0;
}

int
ts_accept(int listener, int *ret_fd, struct ts_addr *ret_peer,
    struct ts_addr *ret_local)
{
	struct sockaddr_storage sa;
	socklen_t size = sizeof(sa);
	int fd;
	int r;

	fd = accept4(listener, (struct sockaddr *)&sa, &size, SOCK_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = ends_of(fd, (const struct sockaddr *)&sa, size, ret_peer,
	    ret_local);
	if (r < 0) {
		(void)close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}
