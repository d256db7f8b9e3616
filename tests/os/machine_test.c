/* SPDX-License-Identifier: MIT */
/* The machine: the least limit, wherever it stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <assert.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "forked.h"
#include "os/machine.h"

#define MIB (UINT64_C(1) << 20)
#define NONE TS_MACHINE_UNLIMITED
#define PATH_SIZE 256
#define FILES 8

/* Files of a machine, and what they amount to. */
static const struct {
	const char *what;
	struct {
		const char *path;
		const char *text;
	} files[FILES];
	uint64_t memory_bytes;
	uint64_t tasks;
} machines[] = {
	{ "nothing is there", { { NULL, NULL } }, 0, NONE },
	{ "no control groups", { { "proc/meminfo", "MemTotal: 2048 kB\n" } },
	    2 * MIB, NONE },
	{ "version 2, the group above is the narrower one",
	    {
		{ "proc/meminfo", "MemTotal: 8388608 kB\n" },
		{ "proc/self/cgroup", "0::/a.slice/b.service\n" },
		{ "sys/fs/cgroup/a.slice/b.service/memory.max", "max\n" },
		{ "sys/fs/cgroup/a.slice/b.service/pids.max", "300\n" },
		{ "sys/fs/cgroup/a.slice/memory.max", "1048576\n" },
		{ "sys/fs/cgroup/a.slice/pids.max", "4915\n" },
		{ "sys/fs/cgroup/c.slice/pids.max", "1\n" },
	    },
	    MIB, 300 },
	{ "version 2, in a namespace of control groups",
	    {
		{ "proc/meminfo", "MemTotal: 8388608 kB\n" },
		{ "proc/self/cgroup", "0::/\n" },
		{ "sys/fs/cgroup/memory.max", "2097152\n" },
		{ "sys/fs/cgroup/pids.max", "100\n" },
	    },
	    2 * MIB, 100 },
	{ "more than the machine has",
	    {
		{ "proc/meminfo", "MemTotal: 1024 kB\n" },
		{ "proc/self/cgroup", "0::/\n" },
		{ "sys/fs/cgroup/memory.max", "9999999999\n" },
	    },
	    MIB, NONE },
	{ "version 1",
	    {
		{ "proc/meminfo", "MemTotal: 8388608 kB\n" },
		{ "proc/self/cgroup", "8:pids:/x\n4:cpu,memory:/y/z\n0::/\n" },
		{ "sys/fs/cgroup/memory/memory.limit_in_bytes",
		    "9223372036854771712\n" },
		{ "sys/fs/cgroup/memory/y/z/memory.limit_in_bytes",
		    "3145728\n" },
		{ "sys/fs/cgroup/memory/y/memory.limit_in_bytes", "4194304\n" },
		{ "sys/fs/cgroup/pids/x/pids.max", "50\n" },
		{ "sys/fs/cgroup/pids/pids.max", "max\n" },
	    },
	    3 * MIB, 50 },
	{ "version 1 in a container: the path is the host's",
	    {
		{ "proc/meminfo", "MemTotal: 8388608 kB\n" },
		{ "proc/self/cgroup",
		    "8:pids:/docker/1\n4:memory:/docker/1\n" },
		{ "sys/fs/cgroup/memory/memory.limit_in_bytes", "5242880\n" },
		{ "sys/fs/cgroup/pids/pids.max", "70\n" },
	    },
	    5 * MIB, 70 },
	{ "a path that leads upwards: the mount is read",
	    {
		{ "proc/self/cgroup", "0::/../../b\n" },
		{ "sys/fs/cgroup/pids.max", "60\n" },
		{ "sys/b/pids.max", "1\n" },
		{ "b/pids.max", "1\n" },
	    },
	    0, 60 },
	{ "a group of version 2 that has the name of a controller",
	    {
		{ "proc/self/cgroup", "0::/\n" },
		{ "sys/fs/cgroup/pids/pids.max", "1\n" },
	    },
	    0, NONE },
	{ "files that are not understood",
	    {
		{ "proc/meminfo", "MemTotal: plenty\n" },
		{ "proc/self/cgroup", "0::/a\n" },
		{ "sys/fs/cgroup/a/pids.max", "-3\n" },
		{ "sys/fs/cgroup/pids.max", "80\n" },
		{ "sys/fs/cgroup/a/memory.max", "" },
	    },
	    0, 80 },
};

static void
put_file(const char *root, const char *path, const char *text)
{
	char whole[PATH_SIZE];
	int fd;

	(void)snprintf(whole, sizeof(whole), "%s/%s", root, path);
	for (char *c = whole + strlen(root) + 1; *c != '\0'; c++) {
		if (*c != '/')
			continue;
		*c = '\0';
		assert(mkdir(whole, 0700) == 0 || errno == EEXIST);
		*c = '/';
	}
	fd = open(whole, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert(fd >= 0);
	assert(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	(void)close(fd);
}

static int
remove_one(const char *path, const struct stat *status, int kind,
    struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

static void
the_least_limit_counts(void **state)
{
	struct ts_machine machine;

	(void)state;
	for (size_t i = 0; i < sizeof(machines) / sizeof(machines[0]); i++) {
		char root[] = "/tmp/machine-XXXXXX";

		assert_non_null(mkdtemp(root));
		for (size_t k = 0;
		     k < FILES && machines[i].files[k].path != NULL; k++)
			put_file(root, machines[i].files[k].path,
			    machines[i].files[k].text);
		ts_machine_read(root, &machine);
		(void)nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
		if (machine.memory_bytes != machines[i].memory_bytes ||
		    machine.tasks != machines[i].tasks)
			fail_msg("%s: %llu bytes, %llu tasks", machines[i].what,
			    (unsigned long long)machine.memory_bytes,
			    (unsigned long long)machine.tasks);
	}
}

static int
read_own_limits(void *arg)
{
	const struct rlimit descriptors = { 50, 90 };
	struct rlimit processes;
	struct ts_machine machine;

	(void)arg;
	assert(setrlimit(RLIMIT_NOFILE, &descriptors) == 0);
	assert(getrlimit(RLIMIT_NPROC, &processes) == 0);
	processes.rlim_cur = 40;
	assert(setrlimit(RLIMIT_NPROC, &processes) == 0);
	ts_machine_read("/nonexistent", &machine);
	assert(machine.descriptors == 90 && machine.user_processes == 40);
	assert(machine.memory_bytes == 0 && machine.tasks == NONE);
	return 0;
}

static void
the_limits_of_the_process_count(void **state)
{
	(void)state;
	process_run(read_own_limits, NULL);
}

static void
this_machine_has_memory_and_leaves_no_descriptor_open(void **state)
{
	char before[PROCESS_FDS_SIZE];
	char after[PROCESS_FDS_SIZE];
	struct ts_machine machine;

	(void)state;
	process_list_fds(before);
	ts_machine_read("/", &machine);
	process_list_fds(after);
	assert_string_equal(before, after);
	assert_true(machine.memory_bytes > MIB);
	assert_true(machine.memory_bytes < NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_least_limit_counts),
		cmocka_unit_test(the_limits_of_the_process_count),
		cmocka_unit_test(
		    this_machine_has_memory_and_leaves_no_descriptor_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
