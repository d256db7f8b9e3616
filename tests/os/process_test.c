/* SPDX-License-Identifier: MIT */
/* Processes: their descriptors are put in order, and they are collected. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "forked.h"
#include "os/fd.h"
#include "os/process.h"

#define NOBODY 65534

/* What is to be told apart later: each of them is another file. */
enum {
	CONNECTION,
	ROOT,
	RECORDS,
	NULL_DEVICE,
	FILES,
};

static ino_t
inode(int fd)
{
	struct stat status;

	assert(fstat(fd, &status) == 0);
	return status.st_ino;
}

/* Where the connection stands at the start, and whether there is a root. */
struct start {
	int connection_fd;
	int has_root;
};

static int
open_at(int number)
{
	int pair[2];
	int fd;

	assert(pipe(pair) == 0);
	fd = fcntl(pair[0], F_DUPFD, 300);
	assert(fd >= 0);
	(void)close(pair[0]);
	(void)close(pair[1]);
	assert(dup3(fd, number, O_CLOEXEC) == number);
	(void)close(fd);
	return number;
}

/* As a child of the server does it, from wherever the connection stands. */
static int
settle(void *arg)
{
	const struct start *start = arg;
	ino_t inodes[FILES];
	int fds[FILES] = { start->connection_fd, 160, 161, 162 };
	char list[PROCESS_FDS_SIZE];

	assert(close_range(3, ~0U, 0) == 0);
	/* What a caller may have left open, low and high. */
	assert(dup2(STDERR_FILENO, 7) == 7 && dup2(STDERR_FILENO, 900) == 900);
	for (int i = 0; i < FILES; i++) {
		fds[i] = open_at(fds[i]);
		inodes[i] = inode(fds[i]);
	}
	const struct ts_spawn_move moves[] = {
		{ fds[CONNECTION], TS_FD_CONNECTION },
		{ start->has_root ? fds[ROOT] : -1, TS_FD_ROOT },
		{ fds[RECORDS], TS_FD_RECORDS },
		{ fds[NULL_DEVICE], STDIN_FILENO },
		{ fds[NULL_DEVICE], STDOUT_FILENO },
	};
	assert(ts_spawn_settle(moves, 5, TS_FD_RECORDS) == 0);
	process_list_fds(list);
	assert(strcmp(list,
		   start->has_root ? "0 1 2 64 65 66" : "0 1 2 64 66") == 0);
	assert(inode(TS_FD_CONNECTION) == inodes[CONNECTION]);
	assert(!start->has_root || inode(TS_FD_ROOT) == inodes[ROOT]);
	assert(inode(TS_FD_RECORDS) == inodes[RECORDS]);
	assert(inode(STDIN_FILENO) == inodes[NULL_DEVICE]);
	assert(inode(STDOUT_FILENO) == inodes[NULL_DEVICE]);
	/* An exec would pass on 0 to 2, and nothing else. */
	assert(!process_is_cloexec(STDIN_FILENO));
	assert(!process_is_cloexec(STDOUT_FILENO));
	assert(process_is_cloexec(TS_FD_CONNECTION));
	assert(!start->has_root || process_is_cloexec(TS_FD_ROOT));
	assert(process_is_cloexec(TS_FD_RECORDS));
	return 0;
}

static void
every_descriptor_finds_its_number(void **state)
{
	static const int numbers[] = { 3, 4, 63, 64, 65, 66, 67, 200 };

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct start start = { .connection_fd = numbers[i] };

		process_run(settle, &start);
		start.has_root = 1;
		process_run(settle, &start);
	}
}

static int
settle_without_a_descriptor(void *arg)
{
	const struct ts_spawn_move moves[] = { { 999, TS_FD_CONNECTION } };

	(void)arg;
	assert(ts_spawn_settle(moves, 1, TS_FD_CONNECTION) == -EBADF);
	return 0;
}

static void
a_descriptor_that_is_not_open_is_an_error(void **state)
{
	(void)state;
	process_run(settle_without_a_descriptor, NULL);
}

static void
the_child_has_a_pid_and_a_zero(void **state)
{
	pid_t parent = getpid();
	pid_t pid = ts_spawn();
	int status;

	(void)state;
	if (pid == 0)
		_exit(getppid() == parent ? 7 : 8);
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 7);
}

/* Before and after it has a table of descriptors of its own. */
static int
share_and_unshare(void *arg)
{
	int closed_by_both;
	int closed_by_child;
	int of_parent;
	int status;
	pid_t pid;

	(void)arg;
	assert(close_range(3, ~0U, 0) == 0);
	closed_by_both = open_at(10);
	closed_by_child = open_at(11);
	of_parent = open_at(TS_FD_PARENT);
	pid = ts_process_fork_sharing();
	assert(pid >= 0);
	if (pid == 0) {
		char list[PROCESS_FDS_SIZE];

		assert(close(closed_by_both) == 0);
		assert(ts_process_unshare_fds(TS_FD_PARENT) == 0);
		process_list_fds(list);
		assert(strcmp(list, "0 1 2 11") == 0);
		assert(close(closed_by_child) == 0);
		assert(dup2(STDERR_FILENO, 12) == 12);
		_exit(0);
	}
	/* No descriptor is opened meanwhile: the child could have it as well.
	 */
	assert(waitpid(pid, &status, 0) == pid && status == 0);
	assert(!process_is_open(closed_by_both));
	assert(process_is_open(closed_by_child));
	assert(process_is_open(of_parent));
	assert(!process_is_open(12));
	/* A table that is nobody else's: the higher numbers are closed. */
	assert(ts_process_unshare_fds(TS_FD_PARENT) == 0);
	assert(process_is_open(closed_by_child) && !process_is_open(of_parent));
	return 0;
}

static void
descriptors_are_shared_until_the_child_unshares_them(void **state)
{
	(void)state;
	process_run(share_and_unshare, NULL);
}

static int
start_one_too_many(void *arg)
{
	const struct rlimit none = { 0, 0 };

	(void)arg;
	if (getuid() == 0)
		assert(setresuid(NOBODY, NOBODY, NOBODY) == 0);
	assert(setrlimit(RLIMIT_NPROC, &none) == 0);
	assert(ts_process_fork_sharing() == -EAGAIN);
	return 0;
}

static void
a_fork_that_fails_is_an_error(void **state)
{
	(void)state;
	process_run(start_one_too_many, NULL);
}

static int
wait_for_ever(void *arg)
{
	(void)arg;
	while (pause() == -1)
		continue;
	return 0;
}

static int
end_with_7(void *arg)
{
	(void)arg;
	return 7;
}

/* Waits until `pid` has ended, and leaves it to be collected. */
static void
wait_for_zombie(pid_t pid)
{
	siginfo_t info;

	assert(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) == 0);
}

static int
reap(void *arg)
{
	int status;
	pid_t living;
	pid_t pid;

	(void)arg;
	/* No child at all; then one that lives. */
	assert(ts_process_reap(&status) == 0);
	living = process_start(wait_for_ever, NULL);
	assert(ts_process_reap(&status) == 0);
	pid = process_start(end_with_7, NULL);
	wait_for_zombie(pid);
	assert(ts_process_reap(&status) == pid);
	assert(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	assert(ts_process_reap(&status) == 0);
	ts_spawn_kill(living, SIGTERM);
	wait_for_zombie(living);
	assert(ts_process_reap(&status) == living);
	assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	return 0;
}

static void
reaps_who_has_ended_and_nobody_else(void **state)
{
	(void)state;
	process_run(reap, NULL);
}

/* Neither asks nor waits longer than it may; there is no zombie after it. */
static int
end_by_force(void *arg)
{
	process_body *body = *(process_body **)arg;
	int64_t begin = process_now_ms();
	pid_t pid = process_start(body, NULL);

	if (body == wait_for_ever)
		ts_spawn_kill(pid, SIGSTOP);
	ts_spawn_end(pid, 50);
	assert(waitpid(pid, NULL, 0) == -1 && errno == ECHILD);
	assert(kill(pid, 0) == -1 && errno == ESRCH);
	assert(process_now_ms() - begin < PROCESS_LIMIT_MS / 2);
	return 0;
}

static int
loop_deaf(void *arg)
{
	volatile bool is_over = false;
	sigset_t all;

	(void)arg;
	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	while (!is_over)
		continue;
	return 0;
}

static void
kills_who_does_not_end(void **state)
{
	/* The first one is stopped. */
	process_body *stopped = wait_for_ever;
	process_body *looping = loop_deaf;

	(void)state;
	process_run(end_by_force, &stopped);
	process_run(end_by_force, &looping);
}

/* Ends once its pipe has: what it says then was said by itself. */
static int
say_and_end(void *arg)
{
	const int *fds = arg;
	char c;

	(void)close(fds[1]);
	assert(read(fds[0], &c, 1) >= 0);
	return write(fds[3], "done", 4) == 4 ? 0 : 1;
}

static void
lets_who_ends_by_himself(void **state)
{
	int64_t begin = process_now_ms();
	char text[8] = "";
	int fds[4];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(pipe(fds + 2), 0);
	pid = process_start(say_and_end, fds);
	for (int i = 0; i < 4; i++)
		if (i != 2)
			(void)close(fds[i]);
	ts_spawn_end(pid, PROCESS_LIMIT_MS);
	/* It does not take the whole time, nor is it killed. */
	assert_true(process_now_ms() - begin < PROCESS_LIMIT_MS / 2);
	assert_int_equal(read(fds[2], text, sizeof(text)), 4);
	assert_string_equal(text, "done");
	(void)close(fds[2]);
}

static void
secrets_differ(void **state)
{
	unsigned char a[16] = { 0 };
	unsigned char b[16] = { 0 };

	(void)state;
	assert_int_equal(ts_spawn_secret(a, sizeof(a)), 0);
	assert_int_equal(ts_spawn_secret(b, sizeof(b)), 0);
	assert_memory_not_equal(a, b, sizeof(a));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_descriptor_finds_its_number),
		cmocka_unit_test(a_descriptor_that_is_not_open_is_an_error),
		cmocka_unit_test(the_child_has_a_pid_and_a_zero),
		cmocka_unit_test(
		    descriptors_are_shared_until_the_child_unshares_them),
		cmocka_unit_test(a_fork_that_fails_is_an_error),
		cmocka_unit_test(reaps_who_has_ended_and_nobody_else),
		cmocka_unit_test(kills_who_does_not_end),
		cmocka_unit_test(lets_who_ends_by_himself),
		cmocka_unit_test(secrets_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
