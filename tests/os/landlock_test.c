/* SPDX-License-Identifier: MIT */
/* What a process may reach, by landlock(7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <assert.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "forked.h"
#include "os/fd.h"
#include "os/landlock.h"

#define NETWORK 4
#define SCOPES 6
#define BITS(n) ((UINT64_C(1) << (n)) - 1)

static const struct {
	int version;
	size_t bytes;
	struct ts_landlock_ruleset all;
} ladder[] = {
	{ 1, 8, { BITS(13), 0, 0 } },
	/* Moving to another folder; truncating; TCP; ioctl on a device. */
	{ 2, 8, { BITS(14), 0, 0 } },
	{ 3, 8, { BITS(15), 0, 0 } },
	{ 4, 16, { BITS(15), BITS(2), 0 } },
	{ 5, 16, { BITS(16), BITS(2), 0 } },
	{ 6, 24, { BITS(16), BITS(2), BITS(2) } },
	/* Of what comes later nothing is known. */
	{ 7, 24, { BITS(16), BITS(2), BITS(2) } },
	{ 99, 24, { BITS(16), BITS(2), BITS(2) } },
};

static void
each_version_is_used_to_the_full(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ladder) / sizeof(ladder[0]); i++) {
		struct ts_landlock_ruleset all;

		assert_int_equal(
		    ts_landlock_everything(&all, ladder[i].version),
		    ladder[i].bytes);
		assert_memory_equal(&all, &ladder[i].all, sizeof(all));
	}
}

static void
skip_below(int version)
{
	if (ts_landlock_version() >= version)
		return;
	print_message("landlock of version %d is missing\n", version);
	skip();
}

/* A folder, in which there is "file". */
static char folder[] = "/tmp/landlock-test.XXXXXX";

static int
make_folder(void **state)
{
	char path[64];
	int fd;

	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/file", folder);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	(void)close(fd);
	return fd < 0 ? -1 : 0;
}

static int
remove_folder(void **state)
{
	char path[64];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/file", folder);
	(void)unlink(path);
	return rmdir(folder);
}

/* Enters rules that allow this of the folder; it is the current one. */
static void
enter(const enum ts_landlock_use *use)
{
	struct ts_landlock_folder allowed = { .fd = -1 };
	int fd;

	assert(chdir(folder) == 0);
	assert(ts_fd_open_folder(&allowed.fd, folder) == 0);
	if (use != NULL)
		allowed.use = *use;
	assert(ts_landlock_open(&fd, &allowed, use != NULL ? 1 : 0) == 0);
	assert(fd >= TS_FD_PARENT && process_is_cloexec(fd));
	assert(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	assert(ts_landlock_enter(fd) == 0);
}

static bool
is_refused(int r)
{
	return r == -1 && errno == EACCES;
}

static int
read_only(void *arg)
{
	const enum ts_landlock_use use = TS_LANDLOCK_READ;

	(void)arg;
	enter(&use);
	assert(open("file", O_RDONLY | O_CLOEXEC) >= 0);
	assert(open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) >= 0);
	assert(is_refused(open("file", O_WRONLY | O_CLOEXEC)));
	assert(is_refused(open("new", O_CREAT | O_WRONLY | O_CLOEXEC, 0600)));
	assert(is_refused(unlink("file")));
	assert(is_refused(mkdir("new", 0700)));
	assert(is_refused(open("/etc/passwd", O_RDONLY | O_CLOEXEC)));
	assert(is_refused(open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC)));
	return 0;
}

static void
what_is_read_only_is_read_only_and_nothing_else_is(void **state)
{
	(void)state;
	skip_below(1);
	process_run(read_only, NULL);
}

static int
remove_only(void *arg)
{
	const enum ts_landlock_use use = TS_LANDLOCK_REMOVE;

	(void)arg;
	enter(&use);
	assert(is_refused(open("file", O_RDONLY | O_CLOEXEC)));
	assert(is_refused(open("new", O_CREAT | O_WRONLY | O_CLOEXEC, 0600)));
	assert(unlink("file") == 0);
	return 0;
}

static void
what_is_to_be_removed_is_not_read(void **state)
{
	(void)state;
	skip_below(1);
	process_run(remove_only, NULL);
}

static int
use_tcp(void *arg)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t size = sizeof(sin);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)arg;
	assert(listen(listener, 1) == 0);
	assert(getsockname(listener, (struct sockaddr *)&sin, &size) == 0);
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	enter(NULL);
	assert(is_refused(connect(fd, (struct sockaddr *)&sin, size)));
	sin.sin_port = 0;
	assert(is_refused(bind(fd, (struct sockaddr *)&sin, size)));
	return 0;
}

static void
no_tcp_socket_is_connected_or_bound(void **state)
{
	(void)state;
	skip_below(NETWORK);
	process_run(use_tcp, NULL);
}

static int
wait_for_ever(void *arg)
{
	(void)arg;
	while (pause() < 0)
		continue;
	return 0;
}

static int
signal_another(void *arg)
{
	pid_t other = *(const pid_t *)arg;

	assert(kill(other, 0) == 0);
	enter(NULL);
	assert(kill(other, 0) == -1 && errno == EPERM);
	assert(kill(getpid(), 0) == 0);
	return 0;
}

static void
no_other_process_gets_a_signal(void **state)
{
	pid_t other;

	(void)state;
	skip_below(SCOPES);
	other = process_start(wait_for_ever, NULL);
	process_run(signal_another, &other);
	assert_int_equal(kill(other, SIGKILL), 0);
	(void)process_wait(other, PROCESS_LIMIT_MS);
}

static int
use_an_abstract_name(void *arg)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	socklen_t size = sizeof(sun);
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)arg;
	assert(
	    bind(listener, (struct sockaddr *)&sun, sizeof(sa_family_t)) == 0);
	assert(listen(listener, 1) == 0);
	assert(getsockname(listener, (struct sockaddr *)&sun, &size) == 0);
	enter(NULL);
	assert(connect(fd, (struct sockaddr *)&sun, size) == -1);
	assert(errno == EPERM);
	return 0;
}

static void
no_abstract_name_is_reached(void **state)
{
	(void)state;
	skip_below(SCOPES);
	process_run(use_an_abstract_name, NULL);
}

/* A folder that is none: what was made until then is closed. */
static void
a_wrong_folder_leaves_nothing_open(void **state)
{
	const struct ts_landlock_folder wrong = { STDIN_FILENO + 900,
		TS_LANDLOCK_READ };
	char before[PROCESS_FDS_SIZE];
	char after[PROCESS_FDS_SIZE];
	int fd = -1;

	(void)state;
	skip_below(1);
	process_list_fds(before);
	assert_int_equal(ts_landlock_open(&fd, &wrong, 1), -EBADF);
	process_list_fds(after);
	assert_string_equal(before, after);
	assert_int_equal(fd, -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_version_is_used_to_the_full),
		cmocka_unit_test(
		    what_is_read_only_is_read_only_and_nothing_else_is),
		cmocka_unit_test(no_tcp_socket_is_connected_or_bound),
		cmocka_unit_test(no_other_process_gets_a_signal),
		cmocka_unit_test(no_abstract_name_is_reached),
		cmocka_unit_test(a_wrong_folder_leaves_nothing_open),
		/* The last one: it removes the file. */
		cmocka_unit_test(what_is_to_be_removed_is_not_read),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
