/* SPDX-License-Identifier: MIT */
/* Sockets from a supervisor, and words to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "forked.h"
#include "os/fd.h"
#include "os/systemd.h"

/* Stands for the process's own id, which no table can know. */
#define OWN "own"

static const struct {
	const char *pid;
	const char *fds;
	unsigned expected;
} handovers[] = {
	{ OWN, "1", 1 },
	{ OWN, "3", 3 },
	{ OWN, "32767", 32767 },
	{ OWN, "0", 0 },
	/* Meant for another process: a child of the one they were for. */
	{ "1", "3", 0 },
	/* Not there. */
	{ NULL, NULL, 0 },
	{ OWN, NULL, 0 },
	{ NULL, "3", 0 },
	/* Not a number, or none that could be meant. */
	{ OWN, "", 0 },
	{ OWN, " 3", 0 },
	{ OWN, "3 ", 0 },
	{ OWN, "+3", 0 },
	{ OWN, "-3", 0 },
	{ OWN, "0x3", 0 },
	{ OWN, "3x", 0 },
	{ OWN, "32768", 0 },
	{ OWN, "4294967299", 0 },
	{ OWN, "18446744073709551619", 0 },
	{ OWN, "99999999999999999999999999999999", 0 },
	{ "", "3", 0 },
	{ "0", "3", 0 },
	{ "-1", "3", 0 },
	{ "x", "3", 0 },
	{ "99999999999999999999999999999999", "3", 0 },
};

static void
set_or_unset(const char *name, const char *value)
{
	if (value != NULL)
		assert_int_equal(setenv(name, value, 1), 0);
	else
		assert_int_equal(unsetenv(name), 0);
}

static void
takes_what_was_meant_for_this_process(void **state)
{
	char own[16];

	(void)state;
	(void)snprintf(own, sizeof(own), "%d", getpid());
	for (size_t i = 0; i < sizeof(handovers) / sizeof(handovers[0]); i++) {
		const char *pid = handovers[i].pid;
		unsigned count;

		if (pid != NULL && strcmp(pid, OWN) == 0)
			pid = own;
		set_or_unset("LISTEN_PID", pid);
		set_or_unset("LISTEN_FDS", handovers[i].fds);
		set_or_unset("LISTEN_FDNAMES", "a:b:c");
		count = ts_supervisor_take_sockets();
		if (count != handovers[i].expected)
			fail_msg("case %zu: %u sockets", i, count);
		assert_null(getenv("LISTEN_PID"));
		assert_null(getenv("LISTEN_FDS"));
		assert_null(getenv("LISTEN_FDNAMES"));
	}
}

/* A supervisor's socket; a name with '@' is an abstract one. */
static int
listen_as_supervisor(const char *name)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	socklen_t size =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	assert_true(strlen(name) < sizeof(sun.sun_path));
	memcpy(sun.sun_path, name, strlen(name));
	if (name[0] == '@')
		sun.sun_path[0] = '\0';
	assert_int_equal(bind(fd, (const struct sockaddr *)&sun, size), 0);
	return fd;
}

/* Returns the way to the supervisor, who has gone by then. */
static int
expect_word(const char *name)
{
	char text[32] = "";
	int fd = listen_as_supervisor(name);
	int way;

	set_or_unset("NOTIFY_SOCKET", name);
	way = ts_supervisor_open();
	assert_true(way >= TS_FD_PARENT);
	assert_true(process_is_cloexec(way));
	/* It is open: that it can be found no more does not matter. */
	set_or_unset("NOTIFY_SOCKET", NULL);
	if (name[0] == '/')
		assert_int_equal(unlink(name), 0);
	ts_supervisor_notify(way, "READY=1");
	assert_true(process_has_input(fd, 0));
	assert_int_equal(recv(fd, text, sizeof(text), 0), 7);
	assert_string_equal(text, "READY=1");
	(void)close(fd);
	return way;
}

static void
tells_a_supervisor_at_a_path(void **state)
{
	char name[64];
	int way;

	(void)state;
	(void)snprintf(name, sizeof(name), "/tmp/supervisor-test.%d", getpid());
	way = expect_word(name);
	/* Nobody there any more. */
	ts_supervisor_notify(way, "STOPPING=1");
	(void)close(way);
}

static void
tells_a_supervisor_at_an_abstract_address(void **state)
{
	char name[64];

	(void)state;
	(void)snprintf(name, sizeof(name), "@supervisor-test.%d", getpid());
	(void)close(expect_word(name));
}

/* The longest there is: no NUL at its end. */
static void
tells_a_supervisor_at_a_long_address(void **state)
{
	char name[sizeof(((struct sockaddr_un *)NULL)->sun_path)];

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	(void)snprintf(name, 24, "@supervisor.%-10d", getpid());
	name[23] = 'x';
	name[sizeof(name) - 1] = '\0';
	(void)close(expect_word(name));
}

static void
nobody_is_where_nobody_is_named(void **state)
{
	char too_long[300];
	char gone[64];
	const char *const names[] = { NULL, "", "@", "/", too_long, gone };
	char before[PROCESS_FDS_SIZE];
	char after[PROCESS_FDS_SIZE];

	(void)state;
	memset(too_long, '/', sizeof(too_long) - 1);
	too_long[sizeof(too_long) - 1] = '\0';
	(void)snprintf(gone, sizeof(gone), "@supervisor-gone.%d", getpid());
	process_list_fds(before);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		set_or_unset("NOTIFY_SOCKET", names[i]);
		assert_int_equal(ts_supervisor_open(), -1);
	}
	process_list_fds(after);
	assert_string_equal(before, after);
	/* Which is no harm. */
	ts_supervisor_notify(-1, "READY=1");
}

/* A supervisor that does not read holds nobody. */
static int
notify_without_end(void *arg)
{
	const int *way = arg;

	for (int i = 0; i < 5000; i++)
		ts_supervisor_notify(*way, "READY=1");
	return 0;
}

static void
does_not_wait_for_a_supervisor(void **state)
{
	char name[64];
	int way;
	int fd;

	(void)state;
	(void)snprintf(name, sizeof(name), "@supervisor-deaf.%d", getpid());
	fd = listen_as_supervisor(name);
	set_or_unset("NOTIFY_SOCKET", name);
	way = ts_supervisor_open();
	assert_true(way >= 0);
	process_run(notify_without_end, &way);
	(void)close(way);
	(void)close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_what_was_meant_for_this_process),
		cmocka_unit_test(tells_a_supervisor_at_a_path),
		cmocka_unit_test(tells_a_supervisor_at_an_abstract_address),
		cmocka_unit_test(tells_a_supervisor_at_a_long_address),
		cmocka_unit_test(nobody_is_where_nobody_is_named),
		cmocka_unit_test(does_not_wait_for_a_supervisor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
