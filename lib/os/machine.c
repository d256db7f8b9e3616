/* SPDX-License-Identifier: MIT */
/* What the machine and its control groups allow this process. */
#include "os/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/proc_text.h"

/* A number, and its end; MemTotal is the first line of its file. */
#define NUMBER_BYTES 128
/* A line for each hierarchy, of which version 1 has about a dozen. */
#define CGROUP_BYTES 16384

/* The longest path of a control group, in its place, with a file. */
#define PATH_SIZE (TS_PROC_TEXT_PATH_SIZE + 64)

enum limit {
	LIMIT_MEMORY,
	LIMIT_TASKS,
};

/* Where a hierarchy is mounted, and the limit in each of its groups. */
static const struct {
	const char *controller;
	const char *mount;
	const char *file;
	enum limit limit;
} limits[] = {
	{ "", "sys/fs/cgroup", "memory.max", LIMIT_MEMORY },
	{ "", "sys/fs/cgroup", "pids.max", LIMIT_TASKS },
	{ "memory", "sys/fs/cgroup/memory", "memory.limit_in_bytes",
	    LIMIT_MEMORY },
	{ "pids", "sys/fs/cgroup/pids", "pids.max", LIMIT_TASKS },
};

static uint64_t
smaller(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Returns how many bytes of `path` were read; 0 if it cannot be. */
static size_t
read_text(int root_fd, const char *path, char *text, size_t size)
{
	int fd = openat(root_fd, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	size_t used = 0;
	ssize_t n = fd < 0 ? 0 : 1;

	while (n > 0 && used < size) {
		n = read(fd, text + used, size - used);
		used += n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0)
		(void)close(fd);
	return used;
}

static uint64_t
read_limit(int root_fd, const char *path)
{
	char text[NUMBER_BYTES];
	size_t n = read_text(root_fd, path, text, sizeof(text));
	uint64_t limit = TS_MACHINE_UNLIMITED;

	(void)ts_proc_text_limit(text, n, &limit);
	return limit;
}

/*
 * The least limit of `file` in the group `path` and in those above it, up to
 * the mount.  In a container `path` may be the host's, which is not there; the
 * mount is the container's own group then.
 */
static uint64_t
least_limit(int root_fd, const char *mount, const char *file, char *path)
{
	uint64_t least = TS_MACHINE_UNLIMITED;
	char whole[PATH_SIZE];
	char *last;

	do {
		(void)snprintf(whole, sizeof(whole), "%s%s/%s", mount, path,
		    file);
		least = smaller(least, read_limit(root_fd, whole));
		last = strrchr(path, '/');
		if (last != NULL)
			*last = '\0';
	} while (last != NULL);
	return least;
}

static void
read_cgroups(int root_fd, struct ts_machine *machine)
{
	uint64_t *least[] = {
		[LIMIT_MEMORY] = &machine->memory_bytes,
		[LIMIT_TASKS] = &machine->tasks,
	};
	char text[CGROUP_BYTES];
	char path[TS_PROC_TEXT_PATH_SIZE];
	size_t n = read_text(root_fd, "proc/self/cgroup", text, sizeof(text));
	int r;

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		r = ts_proc_text_cgroup(text, n, limits[i].controller, path);
		if (r == -ENOENT)
			continue;
		if (r < 0)
			path[0] = '\0';
		*least[limits[i].limit] = smaller(*least[limits[i].limit],
		    least_limit(root_fd, limits[i].mount, limits[i].file,
			path));
	}
}

static void
read_memory(int root_fd, struct ts_machine *machine)
{
	char text[NUMBER_BYTES];
	size_t n = read_text(root_fd, "proc/meminfo", text, sizeof(text));

	(void)ts_proc_text_memory(text, n, &machine->memory_bytes);
}

static void
read_files(const char *root, struct ts_machine *machine)
{
	int root_fd = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root_fd < 0)
		return;
	read_memory(root_fd, machine);
	read_cgroups(root_fd, machine);
	(void)close(root_fd);
}

void
ts_machine_read(const char *root, struct ts_machine *ret_machine)
{
	struct ts_machine machine = {
		.memory_bytes = TS_MACHINE_UNLIMITED,
		.tasks = TS_MACHINE_UNLIMITED,
		.user_processes = TS_MACHINE_UNLIMITED,
		.descriptors = TS_MACHINE_UNLIMITED,
	};
	struct rlimit limit;

	read_files(root, &machine);
	/* Nothing is known of it. */
	if (machine.memory_bytes == TS_MACHINE_UNLIMITED)
		machine.memory_bytes = 0;
	if (getrlimit(RLIMIT_NPROC, &limit) == 0 &&
	    limit.rlim_cur != RLIM_INFINITY)
		machine.user_processes = limit.rlim_cur;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_max != RLIM_INFINITY)
		machine.descriptors = limit.rlim_max;
	*ret_machine = machine;
}
