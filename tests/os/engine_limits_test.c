/* SPDX-License-Identifier: MIT */
/* The engine's bounds: how many, from whom, for how long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "forked.h"
#include "peers.h"
#include "scene.h"

#define REFUSAL "come back later\n"
#define MANY 300
#define SLOTS 256
#define LIFETIME_MS 400

static struct scene scene;

static void
allow_descriptors(rlim_t count)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	if (limit.rlim_cur >= count)
		return;
	limit.rlim_cur = count;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

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

/* Only where the operator sets a limit, and whatever room there is. */
static void
a_source_at_its_limit_is_refused(void **state)
{
	const struct scene_setup setup = {
		.options = { .max_children_per_source = 2, .refusal = REFUSAL },
		.has_status = true,
	};
	int clients[2];
	int other;

	(void)state;
	scene_open(&scene, &setup);
	for (int i = 0; i < 2; i++)
		clients[i] = occupy("127.0.0.2");
	scene_expect(scene_ask_from(&scene, "127.0.0.2", 'h'), REFUSAL, 0);
	scene_expect_log(&scene,
	    "refused 127.0.0.2: its source holds as many slots as it may\n");
	scene_expect_number(&scene, "refused_limit", 1);
	/* It is nobody else's limit. */
	other = occupy("127.0.0.3");
	/* When one of its own has ended, it is served again. */
	finish(clients[0]);
	scene_expect_children(&scene, 2 + SCENE_HELPERS);
	scene_expect(scene_ask_from(&scene, "127.0.0.2", 'h'),
	    "hello 127.0.0.2 at 0\n", 0);
	finish(clients[1]);
	finish(other);
	scene_close(&scene);
	scene_expect_log(&scene, "stopped: 5 accepted, 1 refused, 4 closed\n");
}

static void
a_refusal_without_a_text_is_only_an_end(void **state)
{
	const struct scene_setup setup = {
		.options = { .max_children_per_source = 1 },
	};
	int client;

	(void)state;
	scene_open(&scene, &setup);
	client = occupy("127.0.1.2");
	scene_expect(scene_ask_from(&scene, "127.0.1.2", 'h'), "", 0);
	finish(client);
	scene_close(&scene);
}

/* All slots, for one source. */
static void
while_slots_are_free_nobody_is_refused_or_cut(void **state)
{
	const struct scene_setup setup = {
		.options.max_children = SLOTS,
		.has_status = true,
	};
	static int clients[SLOTS];

	(void)state;
	allow_descriptors(2 * SLOTS);
	scene_open(&scene, &setup);
	for (int i = 0; i < SLOTS; i++)
		clients[i] = scene_ask(&scene, 'b');
	for (int i = 0; i < SLOTS; i++)
		scene_expect_so_far(clients[i], "busy\n");
	scene_expect_number(&scene, "decided_free", SLOTS);
	assert_int_equal(scene_number(&scene, "waiting"), 0);
	for (int i = 0; i < SLOTS; i++)
		finish(clients[i]);
	scene_close(&scene);
	scene_expect_log(&scene,
	    "stopped: 256 accepted, 0 refused, 256 closed\n");
}

/* All slots are held, most of them by one network: that makes room. */
static void
a_lighter_newcomer_takes_a_spare_slot_and_then_evicts(void **state)
{
	const struct scene_setup setup = {
		.options = { .max_children = 4, .refusal = REFUSAL },
		.has_status = true,
	};
	int heavy[3];
	int light[3];

	(void)state;
	scene_open(&scene, &setup);
	light[0] = occupy("127.0.1.1");
	for (int i = 0; i < 3; i++)
		heavy[i] = occupy("127.0.9.9");
	/* The one spare slot: nobody is cut. */
	light[1] = occupy("127.0.2.1");
	scene_expect_number(&scene, "decided_spare", 1);
	scene_expect_number(&scene, "ended_evicted", 0);
	/* None is left: the stalest of the heaviest goes. */
	light[2] = occupy("127.0.3.1");
	scene_expect(heavy[0], "", -ECONNRESET);
	scene_expect_log(&scene,
	    "reset 127.0.9.9: its slot was given to a newcomer, 127.0.3.1\n");
	scene_expect_number(&scene, "decided_lighter", 1);
	for (int i = 0; i < 3; i++)
		finish(light[i]);
	finish(heavy[1]);
	finish(heavy[2]);
	scene_close(&scene);
	scene_expect_log(&scene,
	    "stopped: 6 accepted, 0 refused, 5 closed, 1 evicted\n");
}

/* One connection from each of many /24 of one /16 is one heavy network. */
static void
a_spread_over_a_wide_network_holds_nobody_out(void **state)
{
	const struct scene_setup setup = {
		.options = { .max_children = 8 },
	};
	int spread[8];
	int others[3];

	(void)state;
	scene_open(&scene, &setup);
	for (int i = 0; i < 8; i++) {
		char source[32];

		(void)snprintf(source, sizeof(source), "127.7.%d.1", i);
		spread[i] = occupy(source);
	}
	others[0] = occupy("127.8.0.1");
	others[1] = occupy("127.9.0.1");
	others[2] = occupy("127.9.0.1");
	/* The first had the spare slot, the others one of the spread each. */
	for (int i = 0; i < 2; i++)
		scene_expect(spread[i], "", -ECONNRESET);
	for (int i = 2; i < 8; i++)
		finish(spread[i]);
	for (int i = 0; i < 3; i++)
		finish(others[i]);
	scene_close(&scene);
	scene_expect_log(&scene,
	    "stopped: 11 accepted, 0 refused, 9 closed, 2 evicted\n");
}

/*
 * At first nobody is heavy enough to make room.  After a second it is known
 * that those who hold the slots do not read, which makes their networks heavy.
 */
static void
who_waits_is_served_once_others_lag(void **state)
{
	const struct scene_setup setup = {
		.options = { .max_children = 16, .refusal = REFUSAL },
		.has_status = true,
	};
	int lagging[16];
	int newcomer;

	(void)state;
	scene_open(&scene, &setup);
	for (int i = 0; i < 16; i++) {
		char source[32];

		(void)snprintf(source, sizeof(source), "127.%d.0.1", 1 + i / 2);
		lagging[i] = scene_ask_from(&scene, source, 't');
		assert_true(process_has_input(lagging[i], PROCESS_LIMIT_MS));
	}
	newcomer = scene_ask_from(&scene, "127.99.0.1", 'h');
	scene_expect(newcomer, "hello 127.99.0.1 at 0\n", 0);
	scene_expect_number(&scene, "decided_spare", 1);
	scene_expect_number(&scene, "served_after_wait", 1);
	for (int i = 0; i < 16; i++)
		(void)close(lagging[i]);
	scene_close(&scene);
}

/* It is old, and takes what it is sent; others are evicted around it. */
static void
a_light_transfer_that_makes_progress_is_not_cut(void **state)
{
	const struct scene_setup setup = {
		.options = { .max_children = 8 },
		.has_status = true,
	};
	char bytes[4096];
	int heavy[7];
	int transfer;

	(void)state;
	scene_open(&scene, &setup);
	transfer = scene_ask_from(&scene, "127.3.0.1", 't');
	for (int i = 0; i < 7; i++)
		heavy[i] = occupy("127.7.0.1");
	/* Newcomers, each of a network of its own. */
	for (int i = 0; i < 6; i++) {
		char source[32];

		(void)snprintf(source, sizeof(source), "127.%d.0.1", 20 + i);
		assert_true(recv(transfer, bytes, sizeof(bytes), 0) > 0);
		(void)occupy(source);
	}
	scene_expect_number(&scene, "ended_evicted", 5);
	for (int i = 0; i < 100; i++)
		assert_true(recv(transfer, bytes, sizeof(bytes), 0) > 0);
	for (int i = 0; i < 5; i++)
		scene_expect(heavy[i], "", -ECONNRESET);
	finish(heavy[5]);
	(void)close(transfer);
	assert_int_equal(kill(scene.pid, SIGTERM), 0);
	assert_int_equal(kill(scene.pid, SIGINT), 0);
	scene_wait(&scene);
}

static const struct {
	char command;
	const char *said;
} long_lived[] = {
	/* It waits for its client; it is stopped; it loops, deaf. */
	{ 'b', "busy\n" },
	{ 's', "stopped\n" },
	{ 'l', "looping\n" },
};

static void
nobody_outlives_his_time(void **state)
{
	const struct scene_setup setup = {
		.options.lifetime_ms = LIFETIME_MS,
	};
	int clients[3];
	int64_t begin;

	(void)state;
	scene_open(&scene, &setup);
	begin = process_now_ms();
	for (int i = 0; i < 3; i++)
		clients[i] = scene_ask(&scene, long_lived[i].command);
	for (int i = 0; i < 3; i++)
		scene_expect_so_far(clients[i], long_lived[i].said);
	for (int i = 0; i < 3; i++) {
		scene_expect(clients[i], "", -ECONNRESET);
		/* Not before its time, and not long after. */
		assert_in_range(process_now_ms() - begin, LIFETIME_MS - 1,
		    LIFETIME_MS + 3000);
	}
	scene_close(&scene);
	scene_expect_log(&scene,
	    "stopped: 3 accepted, 0 refused, 3 lifetime\n");
	scene_expect_log(&scene,
	    "reset 127.0.0.1: the longest life of a connection is over\n");
}

static void
many_that_end_together_leave_nobody_behind(void **state)
{
	const struct scene_setup setup = {
		.options = { .max_children = MANY },
	};
	int clients[MANY];

	(void)state;
	allow_descriptors(2 * MANY);
	scene_open(&scene, &setup);
	for (int i = 0; i < MANY; i++)
		clients[i] = scene_ask(&scene, 'b');
	for (int i = 0; i < MANY; i++)
		scene_expect_so_far(clients[i], "busy\n");
	scene_expect_children(&scene, MANY + SCENE_HELPERS);
	for (int i = 0; i < MANY; i++)
		(void)close(clients[i]);
	/* No zombie is left: it would be a child. */
	scene_expect_children(&scene, SCENE_HELPERS);
	/* And no slot is: all can come again. */
	for (int i = 0; i < MANY; i++)
		clients[i] = scene_ask(&scene, 'h');
	for (int i = 0; i < MANY; i++)
		scene_expect(clients[i], "hello 127.0.0.1 at 0\n", 0);
	scene_close(&scene);
	scene_expect_log(&scene,
	    "stopped: 600 accepted, 0 refused, 600 closed\n");
}

/* More clients than slots, one after the other: each slot comes back. */
static void
slots_come_back_though_ends_of_children_were_ignored(void **state)
{
	const struct scene_setup setup = {
		.options.max_children = 2,
		.is_child_signal_ignored = true,
	};

	(void)state;
	scene_open(&scene, &setup);
	for (int i = 0; i < 5; i++) {
		scene_expect(scene_ask(&scene, 'h'), "hello 127.0.0.1 at 0\n",
		    0);
		scene_expect_children(&scene, SCENE_HELPERS);
	}
	scene_close(&scene);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_source_at_its_limit_is_refused),
		cmocka_unit_test(a_refusal_without_a_text_is_only_an_end),
		cmocka_unit_test(while_slots_are_free_nobody_is_refused_or_cut),
		cmocka_unit_test(
		    a_lighter_newcomer_takes_a_spare_slot_and_then_evicts),
		cmocka_unit_test(a_spread_over_a_wide_network_holds_nobody_out),
		cmocka_unit_test(who_waits_is_served_once_others_lag),
		cmocka_unit_test(
		    a_light_transfer_that_makes_progress_is_not_cut),
		cmocka_unit_test(nobody_outlives_his_time),
		cmocka_unit_test(many_that_end_together_leave_nobody_behind),
		cmocka_unit_test(
		    slots_come_back_though_ends_of_children_were_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
