/* SPDX-License-Identifier: MIT */
/* Parked connections: they wait without a process for their clients. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "forked.h"
#include "peers.h"
#include "scene.h"

#define SEVERAL 20
#define ROUNDS 10
#define LONG_MS 2000

static struct scene scene;

/* Says what came with the connection, leaves one letter more, parks. */
static enum tcpserver_verdict
spell(const struct tcpserver_client *client, void *arg)
{
	char state[TCPSERVER_STATE_BYTES + 1] = "";
	size_t size = client->state_bytes;
	char letter;

	(void)arg;
	memcpy(state, client->state, size);
	if (recv(client->fd, &letter, 1, 0) != 1)
		return TCPSERVER_RESET;
	dprintf(client->fd, "%s '%s'\n", client->is_resumed ? "again" : "new",
	    state);
	/* Nothing is left this time. */
	if (letter == '-')
		return TCPSERVER_PARK;
	state[size] = letter;
	if (tcpserver_client_set_state(client, state, size + 1) == -EMSGSIZE)
		return TCPSERVER_CLOSE;
	return TCPSERVER_PARK;
}

static void
what_a_handler_leaves_comes_back_to_the_next(void **state)
{
	const struct scene_setup setup = { .handler = spell };
	int client;
	int other;

	(void)state;
	scene_open(&scene, &setup);
	client = scene_ask(&scene, 'a');
	scene_expect_so_far(client, "new ''\n");
	scene_expect_children(&scene, SCENE_HELPERS);
	/* It is nobody else's. */
	other = scene_ask(&scene, 'x');
	scene_expect_so_far(other, "new ''\n");
	peers_send(client, "b");
	scene_expect_so_far(client, "again 'a'\n");
	peers_send(client, "c");
	scene_expect_so_far(client, "again 'ab'\n");
	peers_send(other, "y");
	scene_expect_so_far(other, "again 'x'\n");
	(void)close(other);
	(void)close(client);
	scene_expect_children(&scene, SCENE_HELPERS);
	scene_close(&scene);
	scene_expect_log(&scene,
	    "stopped: 2 accepted, 0 refused, 5 parked, 3 resumed\n");
}

static void
a_handler_that_leaves_nothing_leaves_nothing(void **state)
{
	const struct scene_setup setup = { .handler = spell };
	int client;

	(void)state;
	scene_open(&scene, &setup);
	client = scene_ask(&scene, 'a');
	scene_expect_so_far(client, "new ''\n");
	peers_send(client, "-");
	scene_expect_so_far(client, "again 'a'\n");
	peers_send(client, "b");
	scene_expect_so_far(client, "again ''\n");
	peers_send(client, "c");
	scene_expect_so_far(client, "again 'b'\n");
	(void)close(client);
	scene_close(&scene);
}

/* As much as there may be, and not one byte more. */
static void
a_state_has_its_bound(void **state)
{
	const struct scene_setup setup = { .handler = spell };
	char expected[TCPSERVER_STATE_BYTES + 16];
	char letters[TCPSERVER_STATE_BYTES + 1] = "";
	int client;

	(void)state;
	scene_open(&scene, &setup);
	client = scene_ask(&scene, 'a');
	scene_expect_so_far(client, "new ''\n");
	for (size_t i = 0; i < TCPSERVER_STATE_BYTES - 1; i++) {
		letters[i] = 'a';
		(void)snprintf(expected, sizeof(expected), "again '%s'\n",
		    letters);
		peers_send(client, "a");
		/* More than scene_expect_so_far() has room for. */
		for (size_t used = 0; used < strlen(expected);) {
			char seen[sizeof(expected)];
			ssize_t n;

			assert_true(
			    process_has_input(client, PROCESS_LIMIT_MS));
			n = recv(client, seen, strlen(expected) - used, 0);
			assert_true(n > 0);
			assert_memory_equal(seen, expected + used, n);
			used += (size_t)n;
		}
	}
	letters[TCPSERVER_STATE_BYTES - 1] = 'a';
	(void)snprintf(expected, sizeof(expected), "again '%s'\n", letters);
	peers_send(client, "a");
	scene_expect(client, expected, 0);
	scene_close(&scene);
}

/* Whatever the order in which the ends of children are seen. */
static void
connections_that_park_together_are_kept_apart(void **state)
{
	const struct scene_setup setup = { .handler = NULL };
	int clients[SEVERAL];

	(void)state;
	scene_open(&scene, &setup);
	for (int i = 0; i < SEVERAL; i++)
		clients[i] = peers_connect("127.0.0.1", scene.ports[0]);
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < SEVERAL; i++)
			peers_send(clients[i], "k");
		for (int i = 0; i < SEVERAL; i++)
			scene_expect_so_far(clients[i], "parked\n");
	}
	for (int i = 0; i < SEVERAL; i++) {
		peers_send(clients[i], "h");
		scene_expect(clients[i], "hello 127.0.0.1 at 0\n", 0);
	}
	scene_close(&scene);
	scene_expect_log(&scene,
	    "tcpserver: stopped: 20 accepted, 0 refused, 20 closed, "
	    "200 parked, 200 resumed\n");
	assert_null(strstr(scene.log, "malformed"));
}

static void
the_parked_are_closed_in_order_at_the_end(void **state)
{
	const struct scene_setup setup = {
		.options.client_speaks_first = 1,
		.has_status = true,
	};
	int served;
	int wordless;

	(void)state;
	scene_open(&scene, &setup);
	served = scene_ask(&scene, 'k');
	scene_expect_so_far(served, "parked\n");
	wordless = peers_connect("127.0.0.1", scene.ports[0]);
	/* The kernel holds it back for about a second. */
	scene_expect_number(&scene, "parked", 2);
	scene_expect_children(&scene, SCENE_HELPERS);
	assert_int_equal(kill(scene.pid, SIGTERM), 0);
	scene_expect(served, "", 0);
	scene_expect(wordless, "", 0);
	scene_wait(&scene);
}

/* Their clients have spoken, but the server is told to stop before it hears. */
static void
parked_clients_that_have_spoken_are_served_at_the_end(void **state)
{
	const struct scene_setup setup = { .has_status = true };
	int clients[SEVERAL];

	(void)state;
	scene_open(&scene, &setup);
	for (int i = 0; i < SEVERAL; i++) {
		clients[i] = scene_ask(&scene, 'k');
		scene_expect_so_far(clients[i], "parked\n");
	}
	scene_expect_number(&scene, "parked", SEVERAL);
	scene_stop(&scene);
	assert_int_equal(kill(scene.pid, SIGTERM), 0);
	for (int i = 0; i < SEVERAL; i++)
		peers_send(clients[i], "h");
	scene_go_on(&scene);
	for (int i = 0; i < SEVERAL; i++)
		scene_expect(clients[i], "hello 127.0.0.1 at 0\n", 0);
	scene_wait(&scene);
}

/* Lets the child of a client that has asked for 'q' park and end. */
static void
park_unseen(int client)
{
	pid_t child = scene_last_child(&scene);
	int fd = (int)syscall(SYS_pidfd_open, child, 0);

	assert_true(fd >= 0);
	peers_send(client, "x");
	scene_expect_so_far(client, "parked\n");
	assert_true(process_has_input(fd, PROCESS_LIMIT_MS));
	(void)close(fd);
}

/* The server is told to stop before it learns that the child has parked. */
static void
who_parks_while_the_server_stops_is_closed_in_order(void **state)
{
	const struct scene_setup setup = { .options.drain_ms = 2000 };
	int client;

	(void)state;
	scene_open(&scene, &setup);
	client = scene_ask(&scene, 'q');
	scene_expect_so_far(client, "busy\n");
	scene_stop(&scene);
	assert_int_equal(kill(scene.pid, SIGTERM), 0);
	park_unseen(client);
	scene_go_on(&scene);
	scene_expect(client, "", 0);
	scene_wait(&scene);
}

/* It has spoken by the time that the server learns of its parking. */
static void
who_speaks_while_being_parked_is_served(void **state)
{
	const struct scene_setup setup = { .has_status = true };
	int client;

	(void)state;
	scene_open(&scene, &setup);
	client = scene_ask(&scene, 'q');
	scene_expect_so_far(client, "busy\n");
	scene_stop(&scene);
	park_unseen(client);
	peers_send(client, "h");
	scene_go_on(&scene);
	scene_expect(client, "hello 127.0.0.1 at 0\n", 0);
	scene_expect_number(&scene, "ended_parked", 1);
	scene_expect_number(&scene, "resumed", 1);
	scene_expect_number(&scene, "rejected_messages", 0);
	scene_close(&scene);
}

/* A unix socket's connections park as all others do, with their state. */
static void
connections_of_a_unix_socket_park_too(void **state)
{
	char address[SCENE_PATH_SIZE];
	const struct scene_setup setup = {
		.handler = spell,
		.addresses = { address },
		.has_status = true,
	};
	int client;

	(void)state;
	(void)snprintf(address, sizeof(address), "unix:/tmp/parking-test.%d",
	    getpid());
	scene_open(&scene, &setup);
	client = peers_connect_unix(address + strlen("unix:"));
	peers_send(client, "a");
	scene_expect_so_far(client, "new ''\n");
	scene_expect_number(&scene, "parked", 1);
	peers_send(client, "b");
	scene_expect_so_far(client, "again 'a'\n");
	scene_expect_number(&scene, "parked", 1);
	(void)close(client);
	scene_expect_number(&scene, "parked_gone", 1);
	scene_close(&scene);
	(void)unlink(address + strlen("unix:"));
}

/* Of the heaviest network the oldest, though another is older. */
static void
when_no_more_can_be_parked_the_heaviest_makes_room(void **state)
{
	const struct scene_setup setup = {
		.options.max_parked = 4,
		.has_status = true,
	};
	int light;
	int heavy[3];
	int newcomer;

	(void)state;
	scene_open(&scene, &setup);
	light = scene_ask_from(&scene, "127.0.1.1", 'k');
	scene_expect_so_far(light, "parked\n");
	scene_expect_number(&scene, "parked", 1);
	for (int i = 0; i < 3; i++) {
		heavy[i] = scene_ask_from(&scene, "127.0.9.9", 'k');
		scene_expect_so_far(heavy[i], "parked\n");
		scene_expect_number(&scene, "parked", 2 + (uint64_t)i);
	}
	newcomer = scene_ask_from(&scene, "127.0.2.1", 'k');
	scene_expect_so_far(newcomer, "parked\n");
	scene_expect(heavy[0], "", 0);
	scene_expect_log(&scene,
	    "too many are parked, closed one of: 127.0.9.9\n");
	scene_expect_number(&scene, "parked_evicted", 1);
	peers_send(light, "h");
	scene_expect(light, "hello 127.0.1.1 at 0\n", 0);
	peers_send(newcomer, "h");
	scene_expect(newcomer, "hello 127.0.2.1 at 0\n", 0);
	for (int i = 1; i < 3; i++) {
		peers_send(heavy[i], "h");
		scene_expect(heavy[i], "hello 127.0.9.9 at 0\n", 0);
	}
	scene_close(&scene);
}

static void
the_parked_are_closed_in_order_when_their_time_is_over(void **state)
{
	const struct scene_setup setup = { .options.parked_ms = 700 };
	int64_t begin;
	int client;

	(void)state;
	scene_open(&scene, &setup);
	begin = process_now_ms();
	client = scene_ask(&scene, 'k');
	scene_expect_so_far(client, "parked\n");
	scene_expect(client, "", 0);
	assert_in_range(process_now_ms() - begin, 699, 3000);
	scene_close(&scene);
	scene_expect_log(&scene, "stopped: 1 accepted, 0 refused, 1 parked\n");
}

/* Nine of ten places, until less than six are taken. */
static void
when_nearly_all_places_are_taken_the_time_is_halved(void **state)
{
	const struct scene_setup setup = {
		.options = { .parked_ms = LONG_MS, .max_parked = 10 },
		.has_status = true,
	};
	int64_t begin;
	int clients[9];
	int last;

	(void)state;
	scene_open(&scene, &setup);
	begin = process_now_ms();
	for (int i = 0; i < 9; i++) {
		char source[32];

		(void)snprintf(source, sizeof(source), "127.0.%d.1", 1 + i);
		clients[i] = scene_ask_from(&scene, source, 'k');
		scene_expect_so_far(clients[i], "parked\n");
		/* Up to eight there is no overload. */
		scene_expect_number(&scene, "parked", (uint64_t)i + 1);
		if (i == 7)
			scene_expect_number(&scene, "parking_overload", 0);
	}
	scene_expect_number(&scene, "parking_overload", 1);
	for (int i = 0; i < 4; i++)
		scene_expect(clients[i], "", 0);
	assert_in_range(process_now_ms() - begin, LONG_MS / 2, LONG_MS - 1);
	scene_expect_number(&scene, "parking_overload", 0);
	for (int i = 4; i < 9; i++)
		(void)close(clients[i]);
	begin = process_now_ms();
	last = scene_ask(&scene, 'k');
	scene_expect(last, "parked\n", 0);
	assert_in_range(process_now_ms() - begin, LONG_MS - 1, 2 * LONG_MS);
	scene_close(&scene);
}

static void
who_says_nothing_at_first_has_less_time(void **state)
{
	const struct scene_setup setup = {
		.options = { .client_speaks_first = 1, .first_byte_ms = 300 },
	};
	int64_t begin;
	int client;

	(void)state;
	scene_open(&scene, &setup);
	begin = process_now_ms();
	client = peers_connect("127.0.0.1", scene.ports[0]);
	scene_expect(client, "", 0);
	assert_in_range(process_now_ms() - begin, 299, 5000);
	/* It had no child at any time. */
	scene_close(&scene);
	scene_expect_log(&scene, "stopped: 1 accepted, 0 refused\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_handler_leaves_comes_back_to_the_next),
		cmocka_unit_test(a_handler_that_leaves_nothing_leaves_nothing),
		cmocka_unit_test(a_state_has_its_bound),
		cmocka_unit_test(connections_that_park_together_are_kept_apart),
		cmocka_unit_test(the_parked_are_closed_in_order_at_the_end),
		cmocka_unit_test(
		    parked_clients_that_have_spoken_are_served_at_the_end),
		cmocka_unit_test(
		    who_parks_while_the_server_stops_is_closed_in_order),
		cmocka_unit_test(who_speaks_while_being_parked_is_served),
		cmocka_unit_test(connections_of_a_unix_socket_park_too),
		cmocka_unit_test(
		    when_no_more_can_be_parked_the_heaviest_makes_room),
		cmocka_unit_test(
		    the_parked_are_closed_in_order_when_their_time_is_over),
		cmocka_unit_test(
		    when_nearly_all_places_are_taken_the_time_is_halved),
		cmocka_unit_test(who_says_nothing_at_first_has_less_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
