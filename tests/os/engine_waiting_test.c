/* SPDX-License-Identifier: MIT */
/* Connections that wait for a slot, and children that give theirs up. */
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
#include <unistd.h>

#include "forked.h"
#include "peers.h"
#include "scene.h"

#define REFUSAL "come back later\n"
#define WAIT_MS 400

static struct scene scene;

/* Asks, and waits until the client is being served. */
static int
occupy(const char *source)
{
	int client = scene_ask_from(&scene, source, 'b');

	scene_expect_so_far(client, "busy\n");
	return client;
}

/* The client is still served, and may finish. */
static void
finish(int client)
{
	assert_false(process_has_input(client, 0));
	peers_send(client, "x");
	scene_expect(client, "done\n", 0);
}

static void
cut(int client)
{
	const struct linger at_once = { .l_onoff = 1, .l_linger = 0 };

	assert_int_equal(setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once,
			     sizeof(at_once)),
	    0);
	(void)close(client);
}

static void
a_newcomer_waits_and_is_served_when_another_ends(void **state)
{
	const struct scene_setup setup = {
		.options = { .max_children = 2, .refusal = REFUSAL },
		.has_status = true,
	};
	int clients[2];
	int newcomer;

	(void)state;
	scene_open(&scene, &setup);
	for (int i = 0; i < 2; i++)
		clients[i] = occupy("127.0.0.1");
	newcomer = scene_ask(&scene, 'h');
	scene_expect_number(&scene, "waiting", 1);
	/* It has no child, and is not answered. */
	scene_expect_children(&scene, 2 + SCENE_HELPERS);
	assert_false(process_has_input(newcomer, 0));
	scene_expect_log(&scene,
	    "all slots are held, one waits of: 127.0.0.1\n");
	finish(clients[0]);
	scene_expect(newcomer, "hello 127.0.0.1 at 0\n", 0);
	scene_expect_number(&scene, "served_after_wait", 1);
	scene_expect_number(&scene, "waiting", 0);
	finish(clients[1]);
	scene_close(&scene);
	scene_expect_log(&scene,
	    "stopped: 3 accepted, 0 refused, 3 closed, 1 served after "
	    "waiting\n");
}

static void
who_has_waited_for_too_long_is_refused_in_order(void **state)
{
	const struct scene_setup setup = {
		.options = { .max_children = 1,
		    .wait_ms = WAIT_MS,
		    .refusal = REFUSAL },
		.has_status = true,
	};
	int64_t begin;
	int client;

	(void)state;
	scene_open(&scene, &setup);
	client = occupy("127.0.0.1");
	begin = process_now_ms();
	scene_expect(scene_ask(&scene, 'h'), REFUSAL, 0);
	assert_in_range(process_now_ms() - begin, WAIT_MS - 100,
	    WAIT_MS + 3000);
	scene_expect_log(&scene,
	    "refused 127.0.0.1: no slot became free in time\n");
	scene_expect_number(&scene, "refused_waited", 1);
	finish(client);
	scene_close(&scene);
}

static void
a_waiting_client_that_goes_away_is_dropped(void **state)
{
	const struct scene_setup setup = {
		.options.max_children = 1,
		.has_status = true,
	};
	int newcomer;
	int client;

	(void)state;
	scene_open(&scene, &setup);
	client = occupy("127.0.0.1");
	newcomer = scene_ask(&scene, 'h');
	scene_expect_number(&scene, "waiting", 1);
	cut(newcomer);
	scene_expect_number(&scene, "waiting", 0);
	scene_expect_number(&scene, "left_while_waiting", 1);
	finish(client);
	scene_close(&scene);
	scene_expect_log(&scene, "stopped: 2 accepted, 0 refused, 1 closed\n");
}

/* One that has sent all and half-closed still wants its answer. */
static void
a_waiting_client_that_has_sent_its_end_is_served(void **state)
{
	const struct scene_setup setup = {
		.options.max_children = 1,
		.has_status = true,
	};
	int newcomer;
	int client;

	(void)state;
	scene_open(&scene, &setup);
	client = occupy("127.0.0.1");
	newcomer = scene_ask(&scene, 'h');
	assert_int_equal(shutdown(newcomer, SHUT_WR), 0);
	scene_expect_number(&scene, "waiting", 1);
	finish(client);
	scene_expect(newcomer, "hello 127.0.0.1 at 0\n", 0);
	scene_close(&scene);
}

/* As many as may wait do: then the newest of the heaviest is refused. */
static void
when_no_more_can_wait_the_heaviest_gives_up(void **state)
{
	const struct scene_setup setup = {
		.options = { .max_children = 2,
		    .max_waiting = 2,
		    .refusal = REFUSAL },
		.has_status = true,
	};
	int clients[2];
	int heavy[2];
	int light;

	(void)state;
	scene_open(&scene, &setup);
	clients[0] = occupy("127.0.1.1");
	clients[1] = occupy("127.0.2.1");
	for (int i = 0; i < 2; i++) {
		heavy[i] = scene_ask_from(&scene, "127.0.1.1", 'h');
		scene_expect_number(&scene, "waiting", 1 + (uint64_t)i);
	}
	light = scene_ask_from(&scene, "127.0.3.1", 'h');
	scene_expect(heavy[1], REFUSAL, 0);
	scene_expect_log(&scene,
	    "refused 127.0.1.1: too many wait, most of them from its "
	    "networks\n");
	scene_expect_number(&scene, "refused_crowded", 1);
	scene_expect_number(&scene, "waiting", 2);
	finish(clients[1]);
	scene_expect(light, "hello 127.0.3.1 at 0\n", 0);
	scene_expect(heavy[0], "hello 127.0.1.1 at 0\n", 0);
	finish(clients[0]);
	scene_close(&scene);
}

/* A slot goes to the network that holds least, though another waits longer. */
static void
a_free_slot_goes_to_who_holds_least(void **state)
{
	const struct scene_setup setup = {
		.options.max_children = 2,
		.has_status = true,
	};
	int clients[2];
	int heavy;
	int light;

	(void)state;
	scene_open(&scene, &setup);
	clients[0] = occupy("127.0.1.1");
	clients[1] = occupy("127.0.2.1");
	heavy = scene_ask_from(&scene, "127.0.1.1", 'b');
	scene_expect_number(&scene, "waiting", 1);
	light = scene_ask_from(&scene, "127.0.3.1", 'b');
	scene_expect_number(&scene, "waiting", 2);
	finish(clients[1]);
	scene_expect_so_far(light, "busy\n");
	assert_false(process_has_input(heavy, 0));
	finish(clients[0]);
	scene_expect_so_far(heavy, "busy\n");
	finish(light);
	finish(heavy);
	scene_close(&scene);
}

static void
a_child_that_only_waits_gives_up_its_slot(void **state)
{
	const struct scene_setup setup = {
		.options.max_children = 1,
		.has_status = true,
	};
	int64_t begin;
	int waiting;

	(void)state;
	scene_open(&scene, &setup);
	waiting = scene_ask(&scene, 'w');
	scene_expect_so_far(waiting, "waiting\n");
	begin = process_now_ms();
	scene_expect(scene_ask(&scene, 'h'), "hello 127.0.0.1 at 0\n", 0);
	/* At once, and not only when the child has had it for a second. */
	assert_true(process_now_ms() - begin < 900);
	/* It is parked, not lost. */
	scene_expect_number(&scene, "parked", 1);
	peers_send(waiting, "h");
	scene_expect(waiting, "hello 127.0.0.1 at 0\n", 0);
	scene_close(&scene);
	scene_expect_log(&scene, "1 parked");
}

/* It is asked before it has begun: this is not lost either. */
static void
a_child_that_was_just_started_gives_up_its_slot(void **state)
{
	const struct scene_setup setup = {
		.options = { .max_children = 1, .wait_ms = 4000 },
	};

	(void)state;
	scene_open(&scene, &setup);
	for (int i = 0; i < 20; i++) {
		int64_t begin = process_now_ms();
		int waiting;
		int newcomer;

		scene_stop(&scene);
		waiting = scene_ask(&scene, 'w');
		newcomer = scene_ask(&scene, 'h');
		scene_go_on(&scene);
		scene_expect(newcomer, "hello 127.0.0.1 at 0\n", 0);
		assert_true(process_now_ms() - begin < 900);
		cut(waiting);
		scene_expect_children(&scene, SCENE_HELPERS);
	}
	scene_close(&scene);
}

/* Nothing is left to send: its client is waited for by the parent. */
static void
a_child_whose_client_does_not_close_gives_up_its_slot(void **state)
{
	const struct scene_setup setup = {
		.options = { .max_children = 1, .linger_ms = 60000 },
		.has_status = true,
	};
	int64_t begin;
	int lingering;

	(void)state;
	scene_open(&scene, &setup);
	lingering = scene_ask(&scene, 'h');
	scene_expect_so_far(lingering, "hello 127.0.0.1 at 0\n");
	begin = process_now_ms();
	scene_expect(scene_ask(&scene, 'h'), "hello 127.0.0.1 at 0\n", 0);
	assert_true(process_now_ms() - begin < 900);
	scene_expect_number(&scene, "lingering", 1);
	(void)close(lingering);
	scene_expect_number(&scene, "lingering", 0);
	scene_close(&scene);
}

static void
a_busy_child_yields_after_a_second(void **state)
{
	const struct scene_setup setup = {
		.options.max_children = 1,
	};
	int64_t begin;
	int working;

	(void)state;
	scene_open(&scene, &setup);
	working = scene_ask(&scene, 'y');
	scene_expect_so_far(working, "working\n");
	begin = process_now_ms();
	scene_expect(scene_ask(&scene, 'h'), "hello 127.0.0.1 at 0\n", 0);
	assert_in_range(process_now_ms() - begin, 900, 2500);
	scene_expect(working, "yielding\n", 0);
	scene_close(&scene);
}

/* SIGUSR2 is for children: sent to the server by mistake it means nothing. */
static void
a_request_to_the_server_itself_is_nobodys(void **state)
{
	const struct scene_setup setup = { .handler = NULL };
	int working;

	(void)state;
	scene_open(&scene, &setup);
	assert_int_equal(kill(scene.pid, SIGUSR2), 0);
	working = scene_ask(&scene, 'y');
	scene_expect_so_far(working, "working\n");
	assert_false(process_has_input(working, 1500));
	cut(working);
	assert_int_equal(kill(scene.pid, SIGTERM), 0);
	assert_int_equal(kill(scene.pid, SIGINT), 0);
	scene_wait(&scene);
}

static void
those_that_wait_when_the_server_stops_are_served(void **state)
{
	const struct scene_setup setup = {
		.options.max_children = 1,
		.has_status = true,
	};
	int newcomer;
	int client;

	(void)state;
	scene_open(&scene, &setup);
	client = occupy("127.0.0.1");
	newcomer = scene_ask(&scene, 'h');
	scene_expect_number(&scene, "waiting", 1);
	assert_int_equal(kill(scene.pid, SIGTERM), 0);
	scene_expect_word(&scene, "STOPPING=1");
	finish(client);
	scene_expect(newcomer, "hello 127.0.0.1 at 0\n", 0);
	scene_wait(&scene);
	scene_expect_log(&scene, "stopped: 2 accepted, 0 refused, 2 closed");
}

/*
 * In one round a parked connection is closed to make room, a newcomer gets its
 * id and waits, and then comes the event of the one that was closed.
 */
static void
an_event_of_one_before_drops_nobody(void **state)
{
	char address[SCENE_PATH_SIZE];
	const struct scene_setup setup = {
		.options = { .max_children = 1,
		    .max_parked = 1,
		    .client_speaks_first = 1,
		    .refusal = REFUSAL },
		.addresses = { address },
		.has_status = true,
	};
	const char *path = address + strlen("unix:");
	int newcomer;
	int parked;
	int silent;
	int busy;

	(void)state;
	(void)snprintf(address, sizeof(address), "unix:/tmp/waiting-test.%d",
	    getpid());
	scene_open(&scene, &setup);
	busy = peers_connect_unix(path);
	peers_send(busy, "b");
	scene_expect_so_far(busy, "busy\n");
	parked = peers_connect_unix(path);
	scene_expect_number(&scene, "parked", 1);
	scene_stop(&scene);
	silent = peers_connect_unix(path);
	newcomer = peers_connect_unix(path);
	peers_send(newcomer, "h");
	peers_send(parked, "h");
	scene_go_on(&scene);
	scene_expect_number(&scene, "parked_evicted", 1);
	scene_expect_number(&scene, "waiting", 1);
	finish(busy);
	(void)process_has_input(newcomer, PROCESS_LIMIT_MS);
	assert_int_equal(scene_number(&scene, "left_while_waiting"), 0);
	assert_int_equal(scene_number(&scene, "served_after_wait"), 1);
	(void)close(newcomer);
	(void)close(parked);
	(void)close(silent);
	scene_close(&scene);
	(void)unlink(path);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_newcomer_waits_and_is_served_when_another_ends),
		cmocka_unit_test(
		    who_has_waited_for_too_long_is_refused_in_order),
		cmocka_unit_test(a_waiting_client_that_goes_away_is_dropped),
		cmocka_unit_test(
		    a_waiting_client_that_has_sent_its_end_is_served),
		cmocka_unit_test(when_no_more_can_wait_the_heaviest_gives_up),
		cmocka_unit_test(a_free_slot_goes_to_who_holds_least),
		cmocka_unit_test(a_child_that_only_waits_gives_up_its_slot),
		cmocka_unit_test(
		    a_child_that_was_just_started_gives_up_its_slot),
		cmocka_unit_test(
		    a_child_whose_client_does_not_close_gives_up_its_slot),
		cmocka_unit_test(a_busy_child_yields_after_a_second),
		cmocka_unit_test(a_request_to_the_server_itself_is_nobodys),
		cmocka_unit_test(an_event_of_one_before_drops_nobody),
		cmocka_unit_test(
		    those_that_wait_when_the_server_stops_are_served),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
