/* SPDX-License-Identifier: MIT */
/* The engine as its header promises it: from options to a served client. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <assert.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "forked.h"
#include "peers.h"
#include "scene.h"

#define FOLDER_SIZE 32

static struct scene scene;

static struct tcpserver *
new_server(void)
{
	struct tcpserver *server;

	assert_int_equal(tcpserver_new(&server, NULL), 0);
	return server;
}

static const struct {
	struct tcpserver_options options;
	int expected;
} options[] = {
	{ { .size = sizeof(struct tcpserver_options) }, 0 },
	{ { .size = 0 }, -EINVAL },
	{ { .size = sizeof(struct tcpserver_options) - 1 }, -EINVAL },
	{ { .size = sizeof(struct tcpserver_options) + 1 }, -EINVAL },
	{ { .size = sizeof(struct tcpserver_options), .max_children = 16384 },
	    0 },
	{ { .size = sizeof(struct tcpserver_options), .max_children = 16385 },
	    -EINVAL },
	{ { .size = sizeof(struct tcpserver_options),
	      .max_children = TCPSERVER_NO_LIMIT,
	      .max_children_per_source = TCPSERVER_NO_LIMIT,
	      .lifetime_ms = TCPSERVER_NO_LIMIT,
	      .drain_ms = TCPSERVER_NO_LIMIT,
	      .user_timeout_ms = TCPSERVER_NO_LIMIT,
	      .receive_buffer_bytes = TCPSERVER_NO_LIMIT },
	    0 },
	{ { .size = sizeof(struct tcpserver_options),
	      .receive_buffer_bytes = TCPSERVER_NO_LIMIT - 1 },
	    -EINVAL },
};

static void
options_have_a_size_and_bounds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		struct tcpserver *server = NULL;
		int r = tcpserver_new(&server, &options[i].options);

		if (r != options[i].expected)
			fail_msg("case %zu: %d", i, r);
		assert_int_equal(server != NULL, r == 0);
		tcpserver_free(server);
	}
}

static void
an_address_that_is_taken_is_named(void **state)
{
	struct tcpserver *server = new_server();
	char expected[128];
	char address[64];

	(void)state;
	assert_int_equal(tcpserver_listen(server, "127.0.0.1:0"), 0);
	(void)snprintf(address, sizeof(address), "%s",
	    tcpserver_address(server, 0));
	(void)snprintf(expected, sizeof(expected),
	    "bind %s: Address already in use", address);
	assert_int_equal(tcpserver_listen(server, address), -EADDRINUSE);
	assert_string_equal(tcpserver_errmsg(server), expected);
	assert_null(tcpserver_address(server, 1));
	tcpserver_free(server);
}

static void
what_is_no_address_is_named(void **state)
{
	struct tcpserver *server = new_server();

	(void)state;
	assert_int_equal(tcpserver_listen(server, "localhost:80"), -EINVAL);
	assert_string_equal(tcpserver_errmsg(server),
	    "listen localhost:80: not an address (names are not looked up)");
	assert_int_equal(tcpserver_listen(server, "[fe80::1%none]:0"), -ENODEV);
	assert_string_equal(tcpserver_errmsg(server),
	    "interface [fe80::1%none]:0: No such device");
	assert_null(tcpserver_address(server, 0));
	tcpserver_free(server);
}

static void
there_are_no_more_than_16_listeners(void **state)
{
	struct tcpserver *server = new_server();

	(void)state;
	for (int i = 0; i < 16; i++)
		assert_int_equal(tcpserver_listen(server, "127.0.0.1:0"), 0);
	assert_int_equal(tcpserver_listen(server, "127.0.0.1:0"), -ENOSPC);
	assert_string_equal(tcpserver_errmsg(server),
	    "listener 127.0.0.1:0: No space left on device");
	assert_null(tcpserver_address(server, 16));
	tcpserver_free(server);
}

/* One that was not taken has left nothing behind. */
static void
a_unix_socket_too_many_leaves_no_path(void **state)
{
	struct tcpserver *server = new_server();
	char address[64];
	char path[40];

	(void)state;
	(void)snprintf(path, sizeof(path), "/tmp/engine-test.%d", getpid());
	(void)snprintf(address, sizeof(address), "unix:%s", path);
	for (int i = 0; i < 16; i++)
		assert_int_equal(tcpserver_listen(server, "127.0.0.1:0"), 0);
	assert_int_equal(tcpserver_listen(server, address), -ENOSPC);
	assert_int_equal(access(path, F_OK), -1);
	tcpserver_free(server);
}

static enum tcpserver_verdict
greet(const struct tcpserver_client *client, void *arg)
{
	(void)arg;
	dprintf(client->fd, "hello %s\n", client->peer_text);
	return TCPSERVER_CLOSE;
}

static void
nothing_runs_without_a_listener(void **state)
{
	struct tcpserver *server = new_server();

	(void)state;
	assert_int_equal(tcpserver_run(server, greet, NULL), -EINVAL);
	assert_string_equal(tcpserver_errmsg(server),
	    "no listener: Invalid argument");
	tcpserver_free(server);
	tcpserver_free(NULL);
}

static void
a_root_is_a_directory(void **state)
{
	static const struct {
		const char *root;
		int expected;
	} roots[] = {
		{ "/nowhere", -ENOENT },
		{ "/dev/null", -ENOTDIR },
		{ "", -ENOENT },
		{ "/", 0 },
	};
	char before[PROCESS_FDS_SIZE];
	char after[PROCESS_FDS_SIZE];

	(void)state;
	process_list_fds(before);
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		const struct tcpserver_options rooted = {
			.size = sizeof(rooted),
			.root = roots[i].root,
		};
		struct tcpserver *server = NULL;

		assert_int_equal(tcpserver_new(&server, &rooted),
		    roots[i].expected);
		tcpserver_free(server);
	}
	process_list_fds(after);
	assert_string_equal(before, after);
}

static void
ten_lines_make_a_service(void **state)
{
	const struct scene_setup setup = { .handler = greet };

	(void)state;
	scene_open(&scene, &setup);
	for (int i = 0; i < 20; i++)
		scene_expect(peers_connect("127.0.0.1", scene.ports[0]),
		    "hello 127.0.0.1\n", 0);
	scene_close(&scene);
}

static void
a_client_comes_to_one_of_several_addresses(void **state)
{
	const struct scene_setup setup = { .addresses = { "127.0.0.1:0",
					       "127.0.0.1:0", "127.0.0.1:0" } };

	(void)state;
	scene_open(&scene, &setup);
	for (int i = 2; i >= 0; i--) {
		int client = peers_connect("127.0.0.1", scene.ports[i]);
		char expected[64];

		peers_send(client, "h");
		(void)snprintf(expected, sizeof(expected),
		    "hello 127.0.0.1 at %d\n", i);
		scene_expect(client, expected, 0);
	}
	scene_close(&scene);
}

/* A folder of whoever the server becomes, who can remove what is in it. */
static void
make_folder(char path[FOLDER_SIZE])
{
	const struct passwd *nobody = getpwnam("nobody");

	(void)snprintf(path, FOLDER_SIZE, "/tmp/engine-test.XXXXXX");
	assert_non_null(mkdtemp(path));
	if (getuid() == 0) {
		assert_non_null(nobody);
		assert_int_equal(chown(path, nobody->pw_uid, nobody->pw_gid),
		    0);
	}
}

static void
a_user_comes_to_a_unix_socket(void **state)
{
	struct scene_setup setup = { .handler = greet };
	char folder[FOLDER_SIZE];
	char address[FOLDER_SIZE + 16];
	char expected[64];

	(void)state;
	make_folder(folder);
	(void)snprintf(address, sizeof(address), "unix:%s/socket", folder);
	(void)snprintf(expected, sizeof(expected), "hello uid %u\n", getuid());
	setup.addresses[0] = address;
	scene_open(&scene, &setup);
	scene_expect(peers_connect_unix(address + strlen("unix:")), expected,
	    0);
	scene_close(&scene);
	/* Its path goes with it. */
	assert_int_equal(rmdir(folder), 0);
}

static void
a_child_has_its_descriptors_and_no_others(void **state)
{
	struct scene_setup setup = { .handler = NULL };

	(void)state;
	scene_open(&scene, &setup);
	scene_expect(scene_ask(&scene, 'f'), "0 1 2 64 66 67", 0);
	scene_close(&scene);
	setup.options.root = "/";
	scene_open(&scene, &setup);
	scene_expect(scene_ask(&scene, 'f'), "0 1 2 64 65 66 67", 0);
	scene_close(&scene);
}

static enum tcpserver_verdict
tell_what_0_to_2_are(const struct tcpserver_client *client, void *arg)
{
	(void)arg;
	for (int fd = 0; fd <= 2; fd++) {
		struct stat status;

		assert(fstat(fd, &status) == 0);
		dprintf(client->fd, "%u:%u ", major(status.st_rdev),
		    minor(status.st_rdev));
	}
	return TCPSERVER_CLOSE;
}

static void
a_child_has_nothing_to_say_on_stderr(void **state)
{
	static const char *const calls[] = { "fstat", "newfstatat", NULL };
	const struct scene_setup setup = {
		.handler = tell_what_0_to_2_are,
		.options.jail.calls = calls,
	};

	(void)state;
	scene_open(&scene, &setup);
	scene_expect(peers_connect("127.0.0.1", scene.ports[0]),
	    /* All of them are the device null, see null(4). */
	    "1:3 1:3 1:3 ", 0);
	scene_close(&scene);
}

static void
a_close_is_heard_though_more_was_sent_than_read(void **state)
{
	const struct scene_setup setup = { .handler = greet };
	int client;

	(void)state;
	scene_open(&scene, &setup);
	client = peers_connect("127.0.0.1", scene.ports[0]);
	for (int i = 0; i < 100; i++)
		(void)send(client, "GET / HTTP/1.0\r\n", 16, MSG_NOSIGNAL);
	scene_expect(client, "hello 127.0.0.1\n", 0);
	scene_close(&scene);
}

static void
a_reset_is_one(void **state)
{
	const struct scene_setup setup = { .handler = NULL };
	char text[64];
	int client;

	(void)state;
	scene_open(&scene, &setup);
	client = scene_ask(&scene, 'r');
	/* What was said before it may be lost. */
	assert_int_equal(
	    peers_read_to_end(client, text, sizeof(text), PROCESS_LIMIT_MS),
	    -ECONNRESET);
	(void)close(client);
	scene_close(&scene);
	scene_expect_log(&scene, "stopped: 1 accepted, 0 refused, 1 reset\n");
}

static void
a_crash_is_a_reset_and_a_line(void **state)
{
	const struct scene_setup setup = { .handler = NULL };

	(void)state;
	scene_open(&scene, &setup);
	scene_expect(scene_ask(&scene, 'a'), "", -ECONNRESET);
	scene_expect_log(&scene, " died: signal 6 (Aborted)\n");
	scene_expect(scene_ask(&scene, 'x'), "", -ECONNRESET);
	scene_expect_log(&scene, " failed: status 77\n");
	/* It was nobody else's. */
	scene_expect(scene_ask(&scene, 'h'), "hello 127.0.0.1 at 0\n", 0);
	scene_close(&scene);
	scene_expect_log(&scene,
	    "tcpserver: stopped: 3 accepted, 0 refused, 1 closed, 1 crashed, "
	    "1 failed\n");
}

static void
a_client_that_is_to_speak_first_costs_no_process(void **state)
{
	const struct scene_setup setup = { .options.client_speaks_first = 1 };
	int client;

	(void)state;
	scene_open(&scene, &setup);
	client = peers_connect("127.0.0.1", scene.ports[0]);
	assert_false(process_has_input(client, 100));
	scene_expect_children(&scene, SCENE_HELPERS);
	peers_send(client, "h");
	scene_expect(client, "hello 127.0.0.1 at 0\n", 0);
	scene_close(&scene);
}

/* Descriptor 3, as a supervisor would pass it on, and what comes of it. */
static void
expect_inherited(int fd, int expected)
{
	struct tcpserver *server = new_server();
	char own[16];

	(void)snprintf(own, sizeof(own), "%d", getpid());
	assert_int_equal(setenv("LISTEN_PID", own, 1), 0);
	assert_int_equal(setenv("LISTEN_FDS", "1", 1), 0);
	if (fd != 3)
		assert_int_equal(dup2(fd, 3), 3);
	assert_int_equal(tcpserver_listen_inherited(server), expected);
	if (expected < 0)
		assert_string_equal(tcpserver_errmsg(server),
		    "inherited socket: Invalid argument");
	else
		assert_memory_equal(tcpserver_address(server, 0),
		    "0.0.0.0:", strlen("0.0.0.0:"));
	/* Only once. */
	assert_int_equal(tcpserver_listen_inherited(server), 0);
	tcpserver_free(server);
	(void)close(3);
}

static void
listeners_of_a_supervisor_are_taken(void **state)
{
	int saved = fcntl(3, F_DUPFD_CLOEXEC, 10);
	int client;
	int fd;

	(void)state;
	peers_open_pair(&client, &fd);
	expect_inherited(fd, -EINVAL);
	(void)close(client);
	(void)close(fd);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(listen(fd, 1), 0);
	expect_inherited(fd, 1);
	(void)close(fd);
	if (saved >= 0)
		assert_int_equal(dup3(saved, 3, O_CLOEXEC), 3);
	(void)close(saved);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_have_a_size_and_bounds),
		cmocka_unit_test(an_address_that_is_taken_is_named),
		cmocka_unit_test(what_is_no_address_is_named),
		cmocka_unit_test(there_are_no_more_than_16_listeners),
		cmocka_unit_test(a_unix_socket_too_many_leaves_no_path),
		cmocka_unit_test(nothing_runs_without_a_listener),
		cmocka_unit_test(a_root_is_a_directory),
		cmocka_unit_test(ten_lines_make_a_service),
		cmocka_unit_test(a_client_comes_to_one_of_several_addresses),
		cmocka_unit_test(a_user_comes_to_a_unix_socket),
		cmocka_unit_test(a_child_has_its_descriptors_and_no_others),
		cmocka_unit_test(a_child_has_nothing_to_say_on_stderr),
		cmocka_unit_test(
		    a_close_is_heard_though_more_was_sent_than_read),
		cmocka_unit_test(a_reset_is_one),
		cmocka_unit_test(a_crash_is_a_reset_and_a_line),
		cmocka_unit_test(
		    a_client_that_is_to_speak_first_costs_no_process),
		cmocka_unit_test(listeners_of_a_supervisor_are_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
