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
#include <sys/resource.h>
#include <unistd.h>

#include "forked.h"
#include "peers.h"
#include "scene.h"

#define REFUSAL "come back later\n"
#define MANY 300
#define LIFETIME_MS 400

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
a_source_over_its_share_replaces_its_own(void **state)
{
	const struct scene_setup setup = {
		.options = { .max_children_per_source = 2, .refusal = REFUSAL },
	};
	int clients[4];
	int other;

	(void)state;
	scene_open(&scene, &setup);
	other = occupy("127.0.0.3");
	for (int i = 0; i < 4; i++)
		clients[i] = occupy("127.0.0.2");
	/* The stalest go, one for each newcomer; nobody else does. */
	for (int i = 0; i < 2; i++)
		scene_expect(clients[i], "", -ECONNRESET);
	scene_expect_children(&scene, 3 + SCENE_HELPERS);
	/* When one of its own has ended, nobody goes. */
	finish(clients[2]);
	scene_expect_children(&scene, 2 + SCENE_HELPERS);
	scene_expect(scene_ask_from(&scene, "127.0.0.2", 'h'),
	    "hello 127.0.0.2 at 0\n", 0);
	finish(clients[3]);
	finish(other);
	scene_close(&scene);
	scene_expect_log(&scene,
	    "stopped: 6 accepted, 0 refused, 4 closed, 2 evicted\n");
}

static void
a_group_over_its_share_replaces_its_own(void **state)
{
	const struct scene_setup setup = {
		.options = { .max_children_per_group = 3 },
	};
	int clients[3];
	int other;

	(void)state;
	scene_open(&scene, &setup);
	other = occupy("127.0.9.1");
	clients[0] = occupy("127.0.0.2");
	clients[1] = occupy("127.0.0.3");
	clients[2] = occupy("127.0.0.3");
	/* The heaviest source of the group, though another is staler. */
	scene_expect(scene_ask_from(&scene, "127.0.0.4", 'h'),
	    "hello 127.0.0.4 at 0\n", 0);
	scene_expect(clients[1], "", -ECONNRESET);
	finish(clients[0]);
	finish(clients[2]);
	finish(other);
	scene_close(&scene);
	scene_expect_log(&scene,
	    "stopped: 5 accepted, 0 refused, 4 closed, 1 evicted\n");
}

/* Each source has one, and none is overdue: there is nobody to go. */
static void
whoever_comes_when_all_are_taken_is_told_so(void **state)
{
	const struct scene_setup setup = {
		.options = { .max_children = 3,
		    .max_children_per_group = TCPSERVER_NO_LIMIT,
		    .refusal = REFUSAL },
	};
	static const char *const sources[] = { "127.0.1.2", "127.0.2.3",
		"127.0.3.4" };
	int clients[3];

	(void)state;
	scene_open(&scene, &setup);
	for (int i = 0; i < 3; i++)
		clients[i] = occupy(sources[i]);
	scene_expect(scene_ask_from(&scene, "127.0.4.5", 'h'), REFUSAL, 0);
	scene_expect_log(&scene, "no room, refused: 127.0.4.5\n");
	/* The helpers are none of them. */
	scene_expect_children(&scene, 3 + SCENE_HELPERS);
	for (int i = 0; i < 3; i++)
		finish(clients[i]);
	scene_expect_children(&scene, SCENE_HELPERS);
	scene_expect(scene_ask_from(&scene, "127.0.4.5", 'h'),
	    "hello 127.0.4.5 at 0\n", 0);
	scene_close(&scene);
	scene_expect_log(&scene, "stopped: 5 accepted, 1 refused, 4 closed\n");
}

static void
a_refusal_without_a_text_says_nothing(void **state)
{
	const struct scene_setup setup = {
		.options = { .max_children = 1,
		    .max_children_per_source = TCPSERVER_NO_LIMIT,
		    .max_children_per_group = TCPSERVER_NO_LIMIT },
	};
	int client;

	(void)state;
	scene_open(&scene, &setup);
	client = occupy("127.0.1.2");
	scene_expect(scene_ask_from(&scene, "127.0.2.2", 'h'), "", 0);
	finish(client);
	scene_close(&scene);
}

/* All are taken, most of them by one: it is that one which makes room. */
static void
the_light_replace_the_heaviest(void **state)
{
	const struct scene_setup setup = {
		.options = { .max_children = 4,
		    .max_children_per_source = TCPSERVER_NO_LIMIT,
		    .max_children_per_group = TCPSERVER_NO_LIMIT,
		    .refusal = REFUSAL },
	};
	int heavy[3];
	int light[3];

	(void)state;
	scene_open(&scene, &setup);
	light[0] = occupy("127.0.1.1");
	for (int i = 0; i < 3; i++)
		heavy[i] = occupy("127.0.9.9");
	for (int i = 0; i < 2; i++) {
		light[1 + i] = occupy(i == 0 ? "127.0.2.1" : "127.0.3.1");
		scene_expect(heavy[i], "", -ECONNRESET);
	}
	/* Now all are as light as a newcomer would be. */
	scene_expect(scene_ask_from(&scene, "127.0.4.1", 'h'), REFUSAL, 0);
	for (int i = 0; i < 3; i++)
		finish(light[i]);
	finish(heavy[2]);
	scene_close(&scene);
	scene_expect_log(&scene,
	    "stopped: 7 accepted, 1 refused, 4 closed, 2 evicted\n");
}

/* 256 children, a quarter of them for one source. */
static void
the_default_share_is_64(void **state)
{
	const struct scene_setup setup = { .handler = NULL };
	int clients[64];

	(void)state;
	scene_open(&scene, &setup);
	for (int i = 0; i < 64; i++)
		clients[i] = occupy("127.0.0.1");
	for (int i = 0; i < 64; i++)
		assert_false(process_has_input(clients[i], 0));
	scene_expect(scene_ask(&scene, 'h'), "hello 127.0.0.1 at 0\n", 0);
	scene_expect(clients[0], "", -ECONNRESET);
	for (int i = 1; i < 64; i++)
		finish(clients[i]);
	scene_close(&scene);
	scene_expect_log(&scene,
	    "stopped: 65 accepted, 0 refused, 64 closed, 1 evicted\n");
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
}

static void
many_that_end_together_leave_nobody_behind(void **state)
{
	static const struct rlimit enough = { 2 * MANY, 2 * MANY };
	const struct scene_setup setup = {
		.options = { .max_children = MANY,
		    .max_children_per_source = TCPSERVER_NO_LIMIT,
		    .max_children_per_group = TCPSERVER_NO_LIMIT },
	};
	int clients[MANY];
	struct rlimit limit;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	if (limit.rlim_cur < enough.rlim_cur)
		assert_int_equal(setrlimit(RLIMIT_NOFILE, &enough), 0);
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
		cmocka_unit_test(a_source_over_its_share_replaces_its_own),
		cmocka_unit_test(a_group_over_its_share_replaces_its_own),
		cmocka_unit_test(whoever_comes_when_all_are_taken_is_told_so),
		cmocka_unit_test(a_refusal_without_a_text_says_nothing),
		cmocka_unit_test(the_light_replace_the_heaviest),
		cmocka_unit_test(the_default_share_is_64),
		cmocka_unit_test(nobody_outlives_his_time),
		cmocka_unit_test(many_that_end_together_leave_nobody_behind),
		cmocka_unit_test(
		    slots_come_back_though_ends_of_children_were_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
