/* SPDX-License-Identifier: MIT */
/* The engine's jail as its header promises it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <assert.h>
#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "forked.h"
#include "peers.h"
#include "scene.h"

static struct scene scene;

static enum tcpserver_verdict
tell_whose_it_is(const struct tcpserver_client *client, void *arg)
{
	(void)arg;
	dprintf(client->fd, "%s\n",
	    getuid() == 0 || geteuid() == 0 ? "root" : "somebody");
	return TCPSERVER_CLOSE;
}

static void
nothing_serves_as_the_superuser(void **state)
{
	static const char *const calls[] = { "getuid", "geteuid", NULL };
	struct scene_setup setup = {
		.handler = tell_whose_it_is,
		.options.jail.calls = calls,
	};

	(void)state;
	scene_open(&scene, &setup);
	scene_expect(peers_connect("127.0.0.1", scene.ports[0]), "somebody\n",
	    0);
	scene_close(&scene);
}

static enum tcpserver_verdict
look_for_the_parent(const struct tcpserver_client *client, void *arg)
{
	(void)arg;
	dprintf(client->fd, "looking\n");
	dprintf(client->fd, "%ld\n", syscall(SYS_getppid));
	return TCPSERVER_CLOSE;
}

static void
a_call_that_is_not_in_the_profile_kills_and_is_said(void **state)
{
	struct scene_setup setup = { .handler = look_for_the_parent };
	int client;

	(void)state;
	scene_open(&scene, &setup);
	client = peers_connect("127.0.0.1", scene.ports[0]);
	scene_expect_log(&scene,
	    " was killed for a system call that "
	    "its sandbox forbids\n");
	(void)close(client);
	scene_close(&scene);
	scene_expect_log(&scene, "stopped: 1 accepted, 0 refused, 1 crashed\n");
}

static enum tcpserver_verdict
say_nothing(const struct tcpserver_client *client, void *arg)
{
	(void)client;
	(void)arg;
	return TCPSERVER_CLOSE;
}

/* Options that are wrong, and what is said about that. */
static const struct refusal {
	struct tcpserver_jail jail;
	int expected;
	const char *said;
	/* Which is done to an ordinary user, to see it fail. */
	bool is_ordinary;
} refusals[] = {
	{ { .user = "no-such-user" }, -ENOENT, "no such user: no-such-user",
	    false },
	{ { .group = "no-such-group" }, -ENOENT, "no such group: no-such-group",
	    false },
	{ { .user = "root" }, -EINVAL,
	    "user root: the server must not remain root", false },
	{ { .user = "0" }, -EINVAL, "user 0: the server must not remain root",
	    false },
	{ { .calls = (const char *const[]){ "no_such_call", NULL } }, -EINVAL,
	    "jail: system calls: Invalid argument", false },
	/* What was asked for is owed, whatever the jail's mode. */
	{ { .user = "daemon" }, -EPERM, "only root can change to user daemon",
	    true },
	{ { .group = "daemon" }, -EPERM, "only root can change to group daemon",
	    true },
};

static int
be_refused(void *arg)
{
	const struct refusal *refusal = arg;
	struct tcpserver_options options = { .size = sizeof(options) };
	struct tcpserver *server;

	if (refusal->is_ordinary && getuid() == 0)
		assert(setresuid(65534, 65534, 65534) == 0);
	options.jail = refusal->jail;
	assert(tcpserver_new(&server, &options) == 0);
	assert(tcpserver_listen(server, "127.0.0.1:0") == 0);
	if (tcpserver_run(server, say_nothing, NULL) != refusal->expected ||
	    strcmp(tcpserver_errmsg(server), refusal->said) != 0) {
		print_message("\"%s\" instead of \"%s\"\n",
		    tcpserver_errmsg(server), refusal->said);
		return 1;
	}
	tcpserver_free(server);
	return 0;
}

static void
what_cannot_be_is_said_at_the_start(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		struct refusal refusal = refusals[i];

		process_run(be_refused, &refusal);
	}
}

static int
be_strict_without_namespaces(void *arg)
{
	struct tcpserver_options options = {
		.size = sizeof(options),
		.jail.mode = TCPSERVER_JAIL_STRICT,
	};
	struct tcpserver *server;

	(void)arg;
	/* In a unix socket's server an ordinary user has no namespaces. */
	if (getuid() == 0)
		assert(setresuid(65534, 65534, 65534) == 0);
	(void)unlink("/tmp/engine-jail-test");
	assert(tcpserver_new(&server, &options) == 0);
	assert(tcpserver_listen(server, "unix:/tmp/engine-jail-test") == 0);
	assert(tcpserver_run(server, say_nothing, NULL) == -EOPNOTSUPP);
	assert(strstr(tcpserver_errmsg(server), "these walls are missing") !=
	    NULL);
	assert(strstr(tcpserver_errmsg(server), "chroot (") != NULL);
	tcpserver_free(server);
	return 0;
}

static void
where_all_walls_are_wanted_a_missing_one_is_named(void **state)
{
	(void)state;
	process_run(be_strict_without_namespaces, NULL);
	assert_int_equal(access("/tmp/engine-jail-test", F_OK), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_serves_as_the_superuser),
		cmocka_unit_test(
		    a_call_that_is_not_in_the_profile_kills_and_is_said),
		cmocka_unit_test(what_cannot_be_is_said_at_the_start),
		cmocka_unit_test(
		    where_all_walls_are_wanted_a_missing_one_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
