/* SPDX-License-Identifier: MIT */
/* What a process may reach, by landlock(7). */
#include "os/landlock.h"

#include <errno.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/fd.h"

/* From which version the kernel knows what. */
#define VERSION_REFER 2
#define VERSION_TRUNCATE 3
#define VERSION_NETWORK 4
#define VERSION_IOCTL 5
#define VERSION_SCOPES 6

/* The headers of Debian 12 are older than these. */
#define ACCESS_FS_TRUNCATE (UINT64_C(1) << 14)
#define ACCESS_FS_IOCTL_DEV (UINT64_C(1) << 15)
#define ACCESS_NET_BIND_TCP (UINT64_C(1) << 0)
#define ACCESS_NET_CONNECT_TCP (UINT64_C(1) << 1)
#define SCOPE_ABSTRACT_UNIX_SOCKET (UINT64_C(1) << 0)
#define SCOPE_SIGNAL (UINT64_C(1) << 1)

static size_t
size_for(int version)
{
	if (version >= VERSION_SCOPES)
		return sizeof(struct ts_landlock_ruleset);
	if (version >= VERSION_NETWORK)
		return offsetof(struct ts_landlock_ruleset, scoped);
	return offsetof(struct ts_landlock_ruleset, network);
}

size_t
ts_landlock_everything(struct ts_landlock_ruleset *ret_all, int version)
{
	struct ts_landlock_ruleset all = {
		/* The thirteen rights of version 1 are the lowest bits. */
		.files = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1,
	};

	if (version >= VERSION_REFER)
		all.files |= LANDLOCK_ACCESS_FS_REFER;
	if (version >= VERSION_TRUNCATE)
		all.files |= ACCESS_FS_TRUNCATE;
	if (version >= VERSION_IOCTL)
		all.files |= ACCESS_FS_IOCTL_DEV;
	if (version >= VERSION_NETWORK)
		all.network = ACCESS_NET_BIND_TCP | ACCESS_NET_CONNECT_TCP;
	if (version >= VERSION_SCOPES)
		all.scoped = SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL;
	*ret_all = all;
	return size_for(version);
}

static uint64_t
rights_for(enum ts_landlock_use use)
{
	switch (use) {
	case TS_LANDLOCK_READ:
		return LANDLOCK_ACCESS_FS_READ_FILE |
		    LANDLOCK_ACCESS_FS_READ_DIR;
	case TS_LANDLOCK_REMOVE:
		return LANDLOCK_ACCESS_FS_REMOVE_FILE;
	}
	return 0;
}

int
ts_landlock_version(void)
{
	long version;

	version = syscall(SYS_landlock_create_ruleset, NULL, 0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	return version < 0 ? -errno : (int)version;
}

static int
allow(int ruleset_fd, const struct ts_landlock_folder *folder)
{
	const struct landlock_path_beneath_attr rule = {
		.allowed_access = rights_for(folder->use),
		.parent_fd = folder->fd,
	};

	if (syscall(SYS_landlock_add_rule, ruleset_fd,
		LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
		return -errno;
	return 0;
}

int
ts_landlock_open(int *ret_fd, const struct ts_landlock_folder *folders,
    unsigned count)
{
	int version = ts_landlock_version();
	struct ts_landlock_ruleset ruleset;
	size_t size;
	int fd;
	int r = 0;

	if (version < 0)
		return version;
	size = ts_landlock_everything(&ruleset, version);
	fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset, size, 0);
	if (fd < 0)
		return -errno;
	for (unsigned i = 0; r == 0 && i < count; i++)
		r = allow(fd, &folders[i]);
	if (r < 0) {
		(void)close(fd);
		return r;
	}
	return ts_fd_raise(ret_fd, fd, TS_FD_PARENT);
}

int
ts_landlock_enter(int fd)
{
	return syscall(SYS_landlock_restrict_self, fd, 0) < 0 ? -errno : 0;
}
