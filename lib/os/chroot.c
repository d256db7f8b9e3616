/* SPDX-License-Identifier: MIT */
/* The root directory of a process (chroot(2)). */
#include "os/chroot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "os/fd.h"

/* Where it is made, for a moment; the first that allows it. */
static const char *const places[] = { "/tmp", "/var/tmp", "/dev/shm", "/run" };

static int
open_empty_in(int *ret_fd, const char *place)
{
	char path[64];
	int r;

	(void)snprintf(path, sizeof(path), "%s/tcpserver-XXXXXX", place);
	if (mkdtemp(path) == NULL)
		return -errno;
	r = ts_fd_open_folder(ret_fd, path);
	(void)rmdir(path);
	return r;
}

int
ts_root_open_empty(int *ret_fd)
{
	int r = -ENOENT;

	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		r = open_empty_in(ret_fd, places[i]);
		if (r == 0)
			break;
	}
	return r;
}

int
ts_root_enter(int fd)
{
	if (fchdir(fd) < 0 || chroot(".") < 0)
		return -errno;
	return 0;
}
