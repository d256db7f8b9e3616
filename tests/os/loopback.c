/* SPDX-License-Identifier: MIT */
#include "loopback.h"

#include <assert.h>
#include <fcntl.h>

void
loopback_open(TCPSERVER_INFO *server)
{
	tcpserver_init(server, INADDR_LOOPBACK, 0);
	assert(tcpserver_open(server) == 1);
}

int
loopback_connect(const TCPSERVER_INFO *server)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert(fd >= 0);
	assert(connect(fd, (const struct sockaddr *)&server->server_addr,
		   sizeof(server->server_addr)) == 0);
	return fd;
}

bool
loopback_is_open(int fd)
{
	return fcntl(fd, F_GETFD) != -1;
}
