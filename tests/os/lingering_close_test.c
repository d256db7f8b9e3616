/* SPDX-License-Identifier: MIT */
/* Refusals: they are heard, bounded, and leave nothing behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/socket.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "forked.h"
#include "os/fd.h"
#include "os/linger.h"
#include "parent/lingering_close.h"
#include "peers.h"

#define MESSAGE "no room\n"
#define FIRST_TAG 1000

/* All there is to it, but for the server. */
struct scene {
	struct ts_poller poller;
	struct ts_farewell farewell;
};

static const struct ts_monotime start = { 1000000000 };

static int
open_scene(void **state)
{
	static struct scene scene;

	if (ts_poller_open(&scene.poller) < 0)
		return -1;
	ts_farewell_init(&scene.farewell, &scene.poller, FIRST_TAG, MESSAGE);
	*state = &scene;
	return 0;
}

static int
close_scene(void **state)
{
	struct scene *scene = *state;

	ts_farewell_release(&scene->farewell);
	ts_poller_close(&scene->poller);
	return 0;
}

/* Waits for events, at most `limit_ms`, and passes them on; says how many. */
static unsigned
attend(struct scene *scene, uint32_t limit_ms)
{
	struct ts_poller_round round;

	assert_int_equal(ts_poller_wait(&scene->poller,
			     ts_monotime_add_ms(ts_poller_now(), limit_ms),
			     &round),
	    0);
	for (unsigned i = 0; i < round.count; i++)
		ts_farewell_hear(&scene->farewell,
		    (uint32_t)(round.tags[i] - FIRST_TAG));
	return round.count;
}

/* The client's end of a connection that was refused. */
static int
refuse_one(struct scene *scene)
{
	int client;
	int server;

	peers_open_pair(&client, &server);
	ts_farewell_add(&scene->farewell, server, start);
	return client;
}

static void
expect_message(int client, int expected)
{
	char text[64];

	assert_int_equal(
	    peers_read_to_end(client, text, sizeof(text), PROCESS_LIMIT_MS),
	    expected);
	assert_string_equal(text, MESSAGE);
}

static void
the_message_arrives_and_then_the_end(void **state)
{
	struct scene *scene = *state;
	int client = refuse_one(scene);

	expect_message(client, 0);
	assert_int_equal(scene->farewell.slots.used, 1);
	(void)close(client);
	assert_int_equal(attend(scene, PROCESS_LIMIT_MS), 1);
	assert_int_equal(scene->farewell.slots.used, 0);
}

static void
it_arrives_whatever_the_client_sends(void **state)
{
	struct scene *scene = *state;
	int client;
	int server;

	/* Before it is refused, and after. */
	peers_open_pair(&client, &server);
	for (int i = 0; i < 300; i++)
		peers_send(client, "GET / HTTP/1.0\r\n");
	assert_true(process_has_input(server, PROCESS_LIMIT_MS));
	ts_farewell_add(&scene->farewell, server, start);
	peers_send(client, "GET / HTTP/1.0\r\n");
	expect_message(client, 0);
	(void)close(client);
	while (scene->farewell.slots.used > 0)
		assert_int_not_equal(attend(scene, PROCESS_LIMIT_MS), 0);
}

static void
who_sends_without_end_is_cut(void **state)
{
	struct scene *scene = *state;
	int client = refuse_one(scene);
	char block[4096];
	size_t sent = 0;

	memset(block, 'x', sizeof(block));
	while (scene->farewell.slots.used > 0) {
		ssize_t n = send(client, block, sizeof(block),
		    MSG_NOSIGNAL | MSG_DONTWAIT);

		sent += n > 0 ? (size_t)n : 0;
		assert_true(sent < (size_t)64 << 20);
		(void)attend(scene, 1);
	}
	assert_true(sent >= TS_LINGER_BYTES);
	(void)close(client);
}

static void
who_stays_is_cut_after_his_time(void **state)
{
	struct scene *scene = *state;
	int client = refuse_one(scene);
	struct ts_monotime end = ts_monotime_add_ms(start, TS_LINGER_MS);

	assert_int_equal(ts_deadline_next(&scene->farewell.deadline).ns,
	    end.ns);
	ts_farewell_expire(&scene->farewell,
	    (struct ts_monotime){ end.ns - 1 });
	assert_int_equal(scene->farewell.slots.used, 1);
	ts_farewell_expire(&scene->farewell, end);
	assert_int_equal(scene->farewell.slots.used, 0);
	expect_message(client, 0);
	(void)close(client);
}

/* One more than are heard out: the last one is closed at once. */
static void
few_are_heard_out_at_a_time(void **state)
{
	struct scene *scene = *state;
	int clients[TS_FAREWELL_COUNT + 1];

	for (int i = 0; i <= TS_FAREWELL_COUNT; i++)
		clients[i] = refuse_one(scene);
	assert_int_equal(scene->farewell.slots.used, TS_FAREWELL_COUNT);
	for (int i = 0; i <= TS_FAREWELL_COUNT; i++)
		expect_message(clients[i], 0);
	for (int i = 0; i <= TS_FAREWELL_COUNT; i++)
		(void)close(clients[i]);
	while (scene->farewell.slots.used > 0)
		assert_int_not_equal(attend(scene, PROCESS_LIMIT_MS), 0);
}

/* With no place left, what has come already is still heard: no reset. */
static void
one_that_finds_no_place_hears_it_all_the_same(void **state)
{
	static const char head[3000];
	struct scene *scene = *state;
	int clients[TS_FAREWELL_COUNT];
	int client;
	int server;

	for (int i = 0; i < TS_FAREWELL_COUNT; i++)
		clients[i] = refuse_one(scene);
	peers_open_pair(&client, &server);
	assert_int_equal(write(client, head, sizeof(head)), sizeof(head));
	assert_true(process_has_input(server, PROCESS_LIMIT_MS));
	ts_farewell_add(&scene->farewell, server, start);
	assert_false(process_is_open(server));
	expect_message(client, 0);
	(void)close(client);
	for (int i = 0; i < TS_FAREWELL_COUNT; i++)
		(void)close(clients[i]);
}

static void
who_has_gone_already_takes_no_place(void **state)
{
	struct scene *scene = *state;
	int client;
	int server;

	peers_open_pair(&client, &server);
	(void)close(client);
	assert_true(process_has_input(server, PROCESS_LIMIT_MS));
	ts_farewell_add(&scene->farewell, server, start);
	assert_int_equal(scene->farewell.slots.used, 0);
	assert_false(process_is_open(server));
}

static int
hold_everything(void *arg)
{
	char c;

	return (int)read(*(const int *)arg, &c, 1);
}

/*
 * A child has, for a moment after its fork, all that its parent has.  While
 * one is held up there, the end of a refusal must not leave an event behind
 * that nobody can take.
 */
static void
a_child_that_still_has_it_keeps_nobody_awake(void **state)
{
	struct scene *scene = *state;
	int client = refuse_one(scene);
	int go[2];
	pid_t pid;

	assert_int_equal(pipe(go), 0);
	assert_int_equal(fcntl(go[1], F_SETFD, FD_CLOEXEC), 0);
	pid = process_start(hold_everything, go);
	peers_send(client, "x");
	assert_int_equal(attend(scene, PROCESS_LIMIT_MS), 1);
	ts_farewell_expire(&scene->farewell,
	    ts_monotime_add_ms(start, TS_LINGER_MS));
	assert_int_equal(scene->farewell.slots.used, 0);
	peers_send(client, "x");
	assert_int_equal(attend(scene, 50), 0);
	assert_int_equal(write(go[1], "x", 1), 1);
	assert_int_equal(process_wait(pid, PROCESS_LIMIT_MS) >> 8, 1);
	(void)close(go[0]);
	(void)close(go[1]);
	(void)close(client);
}

static void
all_are_closed_at_the_end(void **state)
{
	struct scene *scene = *state;
	char before[PROCESS_FDS_SIZE];
	char after[PROCESS_FDS_SIZE];
	int clients[5];

	process_list_fds(before);
	for (int i = 0; i < 5; i++)
		clients[i] = refuse_one(scene);
	ts_farewell_release(&scene->farewell);
	assert_int_equal(scene->farewell.slots.used, 0);
	for (int i = 0; i < 5; i++)
		(void)close(clients[i]);
	process_list_fds(after);
	assert_string_equal(before, after);
	/* An event that was still on its way finds nobody. */
	ts_farewell_hear(&scene->farewell, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    the_message_arrives_and_then_the_end, open_scene,
		    close_scene),
		cmocka_unit_test_setup_teardown(
		    it_arrives_whatever_the_client_sends, open_scene,
		    close_scene),
		cmocka_unit_test_setup_teardown(who_sends_without_end_is_cut,
		    open_scene, close_scene),
		cmocka_unit_test_setup_teardown(who_stays_is_cut_after_his_time,
		    open_scene, close_scene),
		cmocka_unit_test_setup_teardown(few_are_heard_out_at_a_time,
		    open_scene, close_scene),
		cmocka_unit_test_setup_teardown(
		    one_that_finds_no_place_hears_it_all_the_same, open_scene,
		    close_scene),
		cmocka_unit_test_setup_teardown(
		    who_has_gone_already_takes_no_place, open_scene,
		    close_scene),
		cmocka_unit_test_setup_teardown(
		    a_child_that_still_has_it_keeps_nobody_awake, open_scene,
		    close_scene),
		cmocka_unit_test_setup_teardown(all_are_closed_at_the_end,
		    open_scene, close_scene),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
