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

int
ts_accept(int listener, int *ret_fd, struct ts_addr *ret_peer)
{
	struct sockaddr_storage sa;
	socklen_t size = sizeof(sa);
	int fd;

	fd = accept4(listener, (struct sockaddr *)&sa, &size, SOCK_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (sa.ss_family == AF_UNIX)
		*ret_peer = local_peer(fd);
	else if (ts_addr_from_sockaddr(ret_peer, (const struct sockaddr *)&sa,
		     size) < 0) {
		(void)close(fd);
		return -ECONNABORTED;
	}
	*ret_fd = fd;
	return 0;
}
