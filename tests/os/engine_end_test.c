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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "forked.h"
#include "peers.h"
#include "random.h"
#include "scene.h"

/* An address that no other test has: its port stays free when it ends. */
#define HOST "127.0.0.77"

/* Of a signal at a random moment: how many, within which time, how soon. */
#define TRIES 300
#define WINDOW_NS 300000
#define SOON_MS 500

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

/* Answers each byte with its process id, and waits for the next as it should.
 */
static enum tcpserver_verdict
keep(const struct tcpserver_client *client, void *arg)
{
	char byte;
	int r;

	(void)arg;
	for (;;) {
		r = tcpserver_client_wait(client, 60000);
		if (r == -EBUSY)
			return TCPSERVER_PARK;
		if (r != 1 || recv(client->fd, &byte, 1, 0) != 1)
			return TCPSERVER_CLOSE;
		dprintf(client->fd, "%10d\n", getpid());
	}
}

static pid_t
ask_kept(int client)
{
	char text[16] = "";

	peers_send(client, "x");
	assert_true(process_has_input(client, PROCESS_LIMIT_MS));
	assert_int_equal(recv(client, text, 11, MSG_WAITALL), 11);
	return (pid_t)strtol(text, NULL, 10);
}

/* Passes time without a call that could wait. */
static void
spin_ns(int64_t ns)
{
	struct timespec now;
	int64_t end = 0;

	for (;;) {
		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		if (end == 0)
			end = now.tv_sec * 1000000000LL + now.tv_nsec + ns;
		if (now.tv_sec * 1000000000LL + now.tv_nsec >= end)
			return;
	}
}

/* The child gives its client up: it closes, or it ends, having parked. */
static void
expect_given_up(int client, int child_fd, int number)
{
	int64_t begin = process_now_ms();
	char text[64];

	if (number == SIGTERM)
		assert_int_equal(peers_read_to_end(client, text, sizeof(text),
				     PROCESS_LIMIT_MS),
		    0);
	else
		assert_true(process_has_input(child_fd, PROCESS_LIMIT_MS));
	assert_true(process_now_ms() - begin < SOON_MS);
	(void)close(client);
	assert_true(process_has_input(child_fd, PROCESS_LIMIT_MS));
}

/*
 * A signal to the child of a kept connection at a random moment: while it
 * answers, before it waits, while it waits.  None is lost.
 */
static void
signal_at_any_moment(int number)
{
	const struct scene_setup setup = { .handler = keep };
	struct random_stream random = { (uint64_t)number };

	scene_open(&scene, &setup);
	for (int i = 0; i < TRIES; i++) {
		int client = peers_connect("127.0.0.1", scene.ports[0]);
		pid_t child = ask_kept(client);
		int fd = (int)syscall(SYS_pidfd_open, child, 0);

		assert_true(fd >= 0);
		peers_send(client, "x");
		spin_ns(random_below(&random, WINDOW_NS));
		assert_int_equal(kill(child, number), 0);
		expect_given_up(client, fd, number);
		(void)close(fd);
	}
	scene_expect_children(&scene, SCENE_HELPERS);
	scene_close(&scene);
}

static void
sigterm_between_two_requests_is_never_lost(void **state)
{
	(void)state;
	signal_at_any_moment(SIGTERM);
}

static void
a_request_for_the_slot_is_never_lost(void **state)
{
	(void)state;
	signal_at_any_moment(SIGUSR2);
}

/* The kernel ends a child, short of memory: that is its client's alone. */
static void
a_child_that_another_has_killed_resets_its_client(void **state)
{
	const struct scene_setup setup = { .handler = NULL };
	int other;
	int busy;

	(void)state;
	scene_open(&scene, &setup);
	other = scene_ask(&scene, 'b');
	scene_expect_so_far(other, "busy\n");
	busy = scene_ask(&scene, 'b');
	scene_expect_so_far(busy, "busy\n");
	assert_int_equal(kill(scene_last_child(&scene), SIGKILL), 0);
	scene_expect(busy, "", -ECONNRESET);
	scene_expect_log(&scene, " died: signal 9 (Killed)\n");
	peers_send(other, "x");
	scene_expect(other, "done\n", 0);
	scene_close(&scene);
	scene_expect_log(&scene,
	    "stopped: 2 accepted, 0 refused, 1 closed, 1 crashed\n");
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
		cmocka_unit_test(sigterm_between_two_requests_is_never_lost),
		cmocka_unit_test(a_request_for_the_slot_is_never_lost),
		cmocka_unit_test(
		    a_child_that_another_has_killed_resets_its_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
