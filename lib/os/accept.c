/* SPDX-License-Identifier: MIT */
/* Takes one connection from a listener. */
#include "os/accept.h"

#include <errno.h>
#include <unistd.h>

#include "os/fd.h"

/* The user at the other end of a unix socket; nobody (-1) if unknown. */
static struct ts_addr
local_peer(int fd)
{
	struct ucred peer = { .uid = (uid_t)-1 };
	socklen_t size = sizeof(peer);

	(void)getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size);
	return ts_addr_from_uid(peer.uid);
}

static int
peer_of(int fd, const struct sockaddr *sa, socklen_t size,
    struct ts_addr *ret_peer)
{
	if (sa->sa_family != AF_UNIX)
		return ts_addr_from_sockaddr(ret_peer, sa, size);
	*ret_peer = local_peer(fd);
	return 0;
}

int
ts_accept(int listener, struct ts_accepted *ret_accepted)
{
	struct sockaddr_storage sa = { 0 };
	struct ts_accepted accepted;
	socklen_t size = sizeof(sa);
	int fd;
	int r;

	fd = accept4(listener, (struct sockaddr *)&sa, &size, SOCK_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = ts_fd_raise(&accepted.fd, fd, TS_FD_PARENT);
	if (r < 0)
		return r;
	if (peer_of(accepted.fd, (const struct sockaddr *)&sa, size,
		&accepted.peer) < 0) {
		(void)close(accepted.fd);
		return -ECONNABORTED;
	}
	*ret_accepted = accepted;
	return 0;
}
