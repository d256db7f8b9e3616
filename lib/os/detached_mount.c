/* SPDX-License-Identifier: MIT */
/* A folder and what is beneath it, apart from what is above it. */
#include "os/detached_mount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/fd.h"

static int
open_apart(int *ret_fd, int fd)
{
	int apart;

	apart = (int)syscall(SYS_open_tree, fd, "",
	    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
	if (apart < 0)
		return -errno;
	return ts_fd_raise(ret_fd, apart, TS_FD_PARENT);
}

static bool
are_same(int a, int b)
{
	struct stat of_a;
	struct stat of_b;

	return fstat(a, &of_a) == 0 && fstat(b, &of_b) == 0 &&
	    of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino;
}

/* By its path, since *fd is in a mount namespace that is not ours. */
static int
open_again(int *ret_fd, int fd, const char *path)
{
	int again;
	int r;

	r = ts_fd_open_folder(&again, path);
	if (r < 0)
		return r;
	r = are_same(again, fd) ? open_apart(ret_fd, again) : -ESTALE;
	ts_fd_close(&again);
	return r;
}

/*
 * Recursive, or it fails where anything is mounted beneath.  As slaves
 * (mount_namespaces(7)), the copies do not keep in use what is unmounted later,
 * and what the kernel mounts beneath them by itself (NFS) stays theirs.
 */
static int
protect(int mount_fd)
{
	struct mount_attr how = {
		.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV |
		    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
		.propagation = MS_SLAVE,
	};

	if (syscall(SYS_mount_setattr, mount_fd, "",
		AT_EMPTY_PATH | AT_RECURSIVE, &how, sizeof(how)) < 0)
		return -errno;
	return 0;
}

int
ts_subtree_detach(int *fd, const char *path, int *ret_protected)
{
	int apart;
	int r;

	r = open_apart(&apart, *fd);
	if (r == -EINVAL)
		r = open_again(&apart, *fd, path);
	if (r < 0)
		return r;
	/* Never the mount that *fd was on: that is everybody's. */
	*ret_protected = protect(apart);
	ts_fd_close(fd);
	*fd = apart;
	return 0;
}
