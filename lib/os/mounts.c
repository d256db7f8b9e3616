/* SPDX-License-Identifier: MIT */
/* The mounts that this process sees (mount_namespaces(7)). */
#include "os/mounts.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/mountinfo.h"

/* The path of `fd` by which mounts are named. */
static bool
find_path(char path[PATH_MAX], int fd)
{
	char link[64];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, PATH_MAX - 1);
	if (n <= 0)
		return false;
	path[n] = '\0';
	/* "(unreachable)..." is none. */
	return path[0] == '/';
}

static bool
is_any_writable_beneath(const char *path)
{
	bool is_found = false;
	char *line = NULL;
	size_t size = 0;
	FILE *file;

	file = fopen("/proc/self/mountinfo", "re");
	if (file == NULL)
		return true;
	while (!is_found && getline(&line, &size, file) > 0)
		is_found = ts_mountinfo_is_writable_beneath(line, path);
	if (ferror(file))
		is_found = true;
	free(line);
	(void)fclose(file);
	return is_found;
}

bool
ts_mounts_are_read_only(int fd)
{
	struct statvfs facts;
	char path[PATH_MAX];

	return fstatvfs(fd, &facts) == 0 && (facts.f_flag & ST_RDONLY) != 0 &&
	    find_path(path, fd) && !is_any_writable_beneath(path);
}
