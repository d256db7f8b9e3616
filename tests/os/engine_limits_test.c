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

#include "peers.h"
#include "process.h"
#include "scene.h"

#define REFUSAL "come back later\n"
#define MANY 300
#define LIFETIME_MS 400

static struct scene scene;

static void
a_source_over_its_share_is_told_so(void **state)
{
	const struct scene_setup setup = {
		.options = { .max_children_per_source = 2, .refusal = REFUSAL },
	};
	int clients[2];

	(void)state;
	scene_open(&scene, &setup);
	for (int i = 0; i < 2; i++) {
		clients[i] = scene_ask_from(&scene, "127.0.0.2", 'b');
		scene_expect_so_far(clients[i], "busy\n");
	}
	scene_expect(scene_ask_from(&scene, "127.0.0.2", 'h'), REFUSAL, 0);
	scene_expect(scene_ask_from(&scene, "127.0.0.2", 'h'), REFUSAL, 0);
	/* Another source is not told. */
	scene_expect(scene_ask_from(&scene, "127.0.0.3", 'h'),
	    "hello 127.0.0.3 at 0\n", 0);
	/* Nor is this one, when one of its own has ended. */
	peers_send(clients[0], "x");
	scene_expect(clients[0], "done\n", 0);
	scene_expect_children(&scene, 2);
	scene_expect(scene_ask_from(&scene, "127.0.0.2", 'h'),
	    "hello 127.0.0.2 at 0\n", 0);
	peers_send(clients[1], "x");
	scene_expect(clients[1], "done\n", 0);
	scene_close(&scene);
	scene_expect_log(&scene,
	    "too many connections from one source, refused: 127.0.0.2\n");
	scene_expect_log(&scene, " 2 refused,");
}

static void
whoever_comes_when_all_are_taken_is_told_so(void **state)
{
	const struct scene_setup setup = {
		.options = { .max_children = 3, .refusal = REFUSAL },
	};
	static const char *const sources[] = { "127.0.0.2", "127.0.0.3",
		"127.0.0.4" };
	int clients[3];

	(void)state;
	scene_open(&scene, &setup);
	for (int i = 0; i < 3; i++) {
		clients[i] = scene_ask_from(&scene, sources[i], 'b');
		scene_expect_so_far(clients[i], "busy\n");
	}
	scene_expect(scene_ask_from(&scene, "127.0.0.5", 'h'), REFUSAL, 0);
	scene_expect_log(&scene,
	    "all children are taken, refused: 127.0.0.5\n");
	/* The logger is none of them. */
	scene_expect_children(&scene, 4);
	for (int i = 0; i < 3; i++)
		(void)close(clients[i]);
	scene_expect_children(&scene, 1);
	scene_expect(scene_ask_from(&scene, "127.0.0.5", 'h'),
	    "hello 127.0.0.5 at 0\n", 0);
	scene_close(&scene);
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
		clients[i] = scene_ask(&scene, 'b');
	for (int i = 0; i < 64; i++)
		scene_expect_so_far(clients[i], "busy\n");
	/* Without a text of its own a refusal says nothing. */
	scene_expect(scene_ask(&scene, 'h'), "", 0);
	for (int i = 0; i < 64; i++)
		(void)close(clients[i]);
	scene_close(&scene);
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
	scene_expect_log(&scene, " 3 expired, 0 dismissed, 0 crashed,");
}

static void
many_that_end_together_leave_nobody_behind(void **state)
{
	static const struct rlimit enough = { 2 * MANY, 2 * MANY };
	const struct scene_setup setup = {
		.options = { .max_children = MANY,
		    .max_children_per_source = TCPSERVER_NO_LIMIT },
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
	scene_expect_children(&scene, MANY + 1);
	for (int i = 0; i < MANY; i++)
		(void)close(clients[i]);
	/* No zombie is left: it would be a child. */
	scene_expect_children(&scene, 1);
	/* And no slot is: all can come again. */
	for (int i = 0; i < MANY; i++)
		clients[i] = scene_ask(&scene, 'h');
	for (int i = 0; i < MANY; i++)
		scene_expect(clients[i], "hello 127.0.0.1 at 0\n", 0);
	scene_close(&scene);
	scene_expect_log(&scene, "stopped: 600 accepted,");
	scene_expect_log(&scene, " 0 refused,");
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
		scene_expect_children(&scene, 1);
	}
	scene_close(&scene);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_source_over_its_share_is_told_so),
		cmocka_unit_test(whoever_comes_when_all_are_taken_is_told_so),
		cmocka_unit_test(the_default_share_is_64),
		cmocka_unit_test(nobody_outlives_his_time),
		cmocka_unit_test(many_that_end_together_leave_nobody_behind),
		cmocka_unit_test(
		    slots_come_back_though_ends_of_children_were_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
