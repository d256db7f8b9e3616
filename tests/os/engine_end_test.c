/* SPDX-License-Identifier: MIT */
/* The engine's end: who may finish, who is told, who is killed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "forked.h"
#include "peers.h"
#include "scene.h"

/* An address that no other test has: its port stays free when it ends. */
#define HOST "127.0.0.77"

static struct scene scene;

static void
stop(int number)
{
	assert_int_equal(kill(scene.pid, number), 0);
}

static void
expect_nobody_listens(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons(scene.ports[0]) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(inet_pton(AF_INET, HOST, &sin.sin_addr), 1);
	assert_int_equal(
	    connect(fd, (const struct sockaddr *)&sin, sizeof(sin)), -1);
	assert_int_equal(errno, ECONNREFUSED);
	(void)close(fd);
}

static int
ask_at_host(const char *command)
{
	int client = peers_connect(HOST, scene.ports[0]);

	peers_send(client, command);
	return client;
}

/* Who waits hears of it at once; who is busy may finish; nobody is new. */
static void
those_that_are_there_may_finish(int number)
{
	const struct scene_setup setup = { .addresses = { HOST ":0" } };
	int waiting;
	int busy;

	scene_open(&scene, &setup);
	waiting = ask_at_host("w");
	busy = ask_at_host("b");
	scene_expect_so_far(waiting, "waiting\n");
	scene_expect_so_far(busy, "busy\n");
	stop(number);
	scene_expect_word(&scene, "STOPPING=1");
	scene_expect(waiting, "stopping\n", 0);
	expect_nobody_listens();
	peers_send(busy, "x");
	scene_expect(busy, "done\n", 0);
	scene_wait(&scene);
	scene_expect_log(&scene, "stopped: 2 accepted, 0 refused, 2 closed\n");
}

static void
sigterm_lets_those_that_are_there_finish(void **state)
{
	(void)state;
	those_that_are_there_may_finish(SIGTERM);
}

static void
sigint_does_the_same(void **state)
{
	(void)state;
	those_that_are_there_may_finish(SIGINT);
}

static void
without_clients_it_ends_at_once(void **state)
{
	const struct scene_setup setup = { .handler = NULL };
	int64_t begin;

	(void)state;
	scene_open(&scene, &setup);
	begin = process_now_ms();
	scene_close(&scene);
	assert_true(process_now_ms() - begin < 2000);
}

/* Also those that hear nothing, being stopped or deaf. */
static void
a_second_signal_kills(void **state)
{
	const struct scene_setup setup = {
		.options.drain_ms = TCPSERVER_NO_LIMIT,
	};
	static const char commands[] = "bsl";
	static const char *const said[] = { "busy\n", "stopped\n",
		"looping\n" };
	int clients[3];

	(void)state;
	scene_open(&scene, &setup);
	for (int i = 0; i < 3; i++) {
		clients[i] = scene_ask(&scene, commands[i]);
		scene_expect_so_far(clients[i], said[i]);
	}
	stop(SIGTERM);
	scene_expect_word(&scene, "STOPPING=1");
	/* They are all still there. */
	for (int i = 0; i < 3; i++)
		assert_false(process_has_input(clients[i], 0));
	stop(SIGTERM);
	for (int i = 0; i < 3; i++)
		scene_expect(clients[i], "", -ECONNRESET);
	scene_wait(&scene);
	scene_expect_log(&scene, "stopped: 3 accepted, 0 refused, 3 stopped\n");
}

static void
the_time_to_finish_is_bounded(void **state)
{
	const struct scene_setup setup = { .options.drain_ms = 300 };
	int64_t begin;
	int busy;

	(void)state;
	scene_open(&scene, &setup);
	busy = scene_ask(&scene, 'b');
	scene_expect_so_far(busy, "busy\n");
	begin = process_now_ms();
	stop(SIGTERM);
	scene_expect_word(&scene, "STOPPING=1");
	scene_expect(busy, "", -ECONNRESET);
	assert_in_range(process_now_ms() - begin, 299, 3000);
	scene_wait(&scene);
	scene_expect_log(&scene, "stopped: 1 accepted, 0 refused, 1 stopped\n");
}

/* Input goes before the end: a request that has come is answered. */
static void
who_waits_hears_his_client(void **state)
{
	const struct scene_setup setup = { .handler = NULL };
	int waiting;

	(void)state;
	scene_open(&scene, &setup);
	waiting = scene_ask(&scene, 'w');
	scene_expect_so_far(waiting, "waiting\n");
	peers_send(waiting, "x");
	scene_expect(waiting, "heard\n", 0);
	waiting = scene_ask(&scene, 'w');
	scene_expect_so_far(waiting, "waiting\n");
	assert_int_equal(shutdown(waiting, SHUT_WR), 0);
	scene_expect(waiting, "heard\n", 0);
	scene_close(&scene);
}

/* As a terminal or a service manager does it: everybody is signalled. */
static void
a_signal_to_each_child_cuts_nobody(void **state)
{
	const struct scene_setup setup = { .handler = NULL };
	int busy;
	pid_t helpers[SCENE_HELPERS];

	(void)state;
	scene_open(&scene, &setup);
	for (unsigned i = 0; i < SCENE_HELPERS; i++)
		helpers[i] = scene_child(&scene, i);
	busy = scene_ask(&scene, 'b');
	scene_expect_so_far(busy, "busy\n");
	assert_int_equal(kill(scene_last_child(&scene), SIGTERM), 0);
	for (unsigned i = 0; i < SCENE_HELPERS; i++)
		assert_int_equal(kill(helpers[i], SIGTERM), 0);
	stop(SIGTERM);
	scene_expect_word(&scene, "STOPPING=1");
	peers_send(busy, "x");
	scene_expect(busy, "done\n", 0);
	scene_wait(&scene);
	scene_expect_log(&scene, "stopped: 1 accepted, 0 refused, 1 closed\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sigterm_lets_those_that_are_there_finish),
		cmocka_unit_test(sigint_does_the_same),
		cmocka_unit_test(without_clients_it_ends_at_once),
		cmocka_unit_test(a_second_signal_kills),
		cmocka_unit_test(the_time_to_finish_is_bounded),
		cmocka_unit_test(who_waits_hears_his_client),
		cmocka_unit_test(a_signal_to_each_child_cuts_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
