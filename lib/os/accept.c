/* SPDX-License-Identifier: MIT */
/* Takes one connection from a listener. */
#include "os/accept.h"

#include <errno.h>
#include <unistd.h>

#include "os/fd.h"
#include "os/sock_addrs.h"

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
	if (ts_ends_of_accepted(accepted.fd, (const struct sockaddr *)&sa, size,
		&accepted.peer, &accepted.local) < 0) {
		(void)close(accepted.fd);
		return -ECONNABORTED;
	}
	*ret_accepted = accepted;
	return 0;
}
