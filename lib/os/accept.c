/* SPDX-License-Identifier: MIT */
/* Taking one connection from a listener. */
#include "os/accept.h"

#include <errno.h>
#include <unistd.h>

#include "os/sock_addrs.h"

int
ts_accept(int listener, int *ret_fd, struct ts_addr *ret_peer,
    struct ts_addr *ret_local)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t size = sizeof(sa);
	int fd;

	fd = accept4(listener, (struct sockaddr *)&sa, &size, SOCK_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (ts_ends_of_accepted(fd, (const struct sockaddr *)&sa, size,
		ret_peer, ret_local) < 0) {
		(void)close(fd);
		return -ECONNABORTED;
	}
	*ret_fd = fd;
	return 0;
}
