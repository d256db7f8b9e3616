/* SPDX-License-Identifier: MIT */
/* Turns as the header promises them: few children at the same time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "forked.h"
#include "peers.h"
#include "scene.h"

#define TURNS 2
#define CROWD 5
#define ROUNDS 20
/* How long each turn is, so that others come meanwhile. */
#define EFFORT_MS 1
/* Not as long as a client may be silent. */
#define TURN_MS 10000

/* Shared by all children; here nothing is in the way of that. */
static struct {
	atomic_uint inside;
	atomic_uint most;
} * seen;

static void
say(const struct tcpserver_client *client, const char *text)
{
	(void)send(client->fd, text, strlen(text), MSG_NOSIGNAL);
}

static void
say_result(const struct tcpserver_client *client, int r)
{
	say(client,
	    r == 1	       ? "turn\n"
		: r == 0       ? "none\n"
		: r == -EINVAL ? "invalid\n"
			       : "error\n");
}

static void
work_in_turns(const struct tcpserver_client *client)
{
	for (int i = 0; i < ROUNDS; i++) {
		unsigned inside;

		if (tcpserver_client_take_turn(client, TURN_MS) != 1)
			return;
		inside = atomic_fetch_add(&seen->inside, 1) + 1;
		if (inside > atomic_load(&seen->most))
			atomic_store(&seen->most, inside);
		(void)poll(NULL, 0, EFFORT_MS);
		(void)atomic_fetch_sub(&seen->inside, 1);
		tcpserver_client_end_turn(client);
	}
	say(client, "worked\n");
}

/*
 * Obeys each byte: t takes a turn or waits for it, n takes one if there is
 * one now, e ends it, w works in turns.
 */
static enum tcpserver_verdict
obey(const struct tcpserver_client *client, void *arg)
{
	char command;

	(void)arg;
	while (recv(client->fd, &command, 1, 0) == 1) {
		if (command == 't')
			say_result(client,
			    tcpserver_client_take_turn(client, TURN_MS));
		if (command == 'n')
			say_result(client,
			    tcpserver_client_take_turn(client, 0));
		if (command == 'e') {
			tcpserver_client_end_turn(client);
			say(client, "ended\n");
		}
		if (command == 'w')
			work_in_turns(client);
	}
	return TCPSERVER_CLOSE;
}

static struct scene scene;

static void
open_with_turns(uint32_t turns)
{
	const struct scene_setup setup = {
		.handler = obey,
		.options.turns = turns,
	};

	scene_open(&scene, &setup);
}

static void
expect(int client, char command, const char *text)
{
	assert_int_equal(send(client, &command, 1, MSG_NOSIGNAL), 1);
	scene_expect_so_far(client, text);
}

static int
ask(char command, const char *text)
{
	int client = peers_connect("127.0.0.1", scene.ports[0]);

	expect(client, command, text);
	return client;
}

static void
only_so_many_children_are_in_their_turn(void **state)
{
	int clients[TURNS];
	int other;

	(void)state;
	open_with_turns(TURNS);
	for (int i = 0; i < TURNS; i++)
		clients[i] = ask('t', "turn\n");
	other = ask('n', "none\n");
	/* Who has one keeps it, and takes no second. */
	expect(clients[0], 't', "turn\n");
	expect(clients[1], 'e', "ended\n");
	expect(clients[0], 'n', "turn\n");
	expect(other, 'n', "turn\n");
	expect(clients[1], 'n', "none\n");
	/* Twice ended is once. */
	expect(other, 'e', "ended\n");
	expect(other, 'e', "ended\n");
	expect(clients[1], 'n', "turn\n");
	for (int i = 0; i < TURNS; i++)
		(void)close(clients[i]);
	(void)close(other);
	scene_close(&scene);
}

static void
a_crowd_never_is_more_at_once(void **state)
{
	int clients[CROWD];

	(void)state;
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true(seen != MAP_FAILED);
	open_with_turns(TURNS);
	for (int i = 0; i < CROWD; i++)
		clients[i] = ask('e', "ended\n");
	for (int i = 0; i < CROWD; i++)
		assert_int_equal(send(clients[i], "w", 1, MSG_NOSIGNAL), 1);
	for (int i = 0; i < CROWD; i++) {
		scene_expect_so_far(clients[i], "worked\n");
		(void)close(clients[i]);
	}
	assert_in_range(atomic_load(&seen->most), 1, TURNS);
	assert_int_equal(atomic_load(&seen->inside), 0);
	scene_close(&scene);
	assert_int_equal(munmap(seen, sizeof(*seen)), 0);
}

static void
a_child_that_is_killed_gives_its_turn_back(void **state)
{
	int first;
	int second;
	pid_t pid;

	(void)state;
	open_with_turns(1);
	first = ask('t', "turn\n");
	pid = scene_last_child(&scene);
	second = ask('n', "none\n");
	assert_int_equal(send(second, "t", 1, MSG_NOSIGNAL), 1);
	assert_int_equal(kill(pid, SIGKILL), 0);
	scene_expect_so_far(second, "turn\n");
	(void)close(first);
	(void)close(second);
	scene_close(&scene);
}

static void
a_child_that_ends_gives_its_turn_back(void **state)
{
	int client;

	(void)state;
	open_with_turns(1);
	for (int i = 0; i < 3; i++) {
		client = ask('t', "turn\n");
		(void)close(client);
	}
	scene_close(&scene);
}

static void
without_turns_there_is_none_to_take(void **state)
{
	int client;

	(void)state;
	open_with_turns(0);
	client = ask('t', "invalid\n");
	expect(client, 'e', "ended\n");
	(void)close(client);
	scene_close(&scene);
}

static void
there_are_at_most_64_turns(void **state)
{
	struct tcpserver_options options = {
		.size = sizeof(options),
		.turns = TCPSERVER_TURNS,
	};
	struct tcpserver *server;

	(void)state;
	assert_int_equal(TCPSERVER_TURNS, 64);
	assert_int_equal(tcpserver_new(&server, &options), 0);
	tcpserver_free(server);
	options.turns = TCPSERVER_TURNS + 1;
	assert_int_equal(tcpserver_new(&server, &options), -EINVAL);
	options.turns = TCPSERVER_NO_LIMIT;
	assert_int_equal(tcpserver_new(&server, &options), -EINVAL);
}

static void
who_has_turns_has_a_descriptor_more(void **state)
{
	const struct scene_setup setup = { .options.turns = 1 };

	(void)state;
	scene_open(&scene, &setup);
	scene_expect(scene_ask(&scene, 'f'), "0 1 2 64 66 67 68", 0);
	scene_close(&scene);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_so_many_children_are_in_their_turn),
		cmocka_unit_test(a_crowd_never_is_more_at_once),
		cmocka_unit_test(a_child_that_is_killed_gives_its_turn_back),
		cmocka_unit_test(a_child_that_ends_gives_its_turn_back),
		cmocka_unit_test(without_turns_there_is_none_to_take),
		cmocka_unit_test(there_are_at_most_64_turns),
		cmocka_unit_test(who_has_turns_has_a_descriptor_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
