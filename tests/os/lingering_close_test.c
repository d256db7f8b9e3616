/* SPDX-License-Identifier: MIT */
/* Orderly closes by the parent: they arrive, within bounds. */
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
#define SOURCE 1

#define IDS 100
#define LINGER_MS 2000

/* All that it needs of the parent. */
struct scene {
	struct ts_table arena;
	struct ts_poller poller;
	struct ts_connections connections;
	struct ts_lingering_close lingering;
};

static const struct ts_monotime start = { 1000000000 };

static int
open_scene(void **state)
{
	static const struct ts_siphash_key key;
	static struct scene scene;

	scene = (struct scene){
		.lingering = {
			.connections = &scene.connections,
			.poller = &scene.poller,
			.first_tag = FIRST_TAG,
			.linger_ms = LINGER_MS,
		},
	};
	if (ts_poller_open(&scene.poller) < 0 ||
	    ts_table_open(&scene.arena,
		ts_connections_room(IDS) + ts_lingering_close_room(IDS)) < 0)
		return -1;
	ts_connections_init(&scene.connections, &scene.arena, IDS);
	ts_lingering_close_init(&scene.lingering, &scene.arena, IDS, &key);
	*state = &scene;
	return 0;
}

static void
end_all(struct scene *scene)
{
	for (uint32_t id = 0; id < IDS; id++)
		if (scene->connections.all[id].state == TS_CONNECTION_LINGERING)
			ts_lingering_close_end(&scene->lingering, id);
}

static int
close_scene(void **state)
{
	struct scene *scene = *state;

	end_all(scene);
	ts_poller_close(&scene->poller);
	ts_table_close(&scene->arena);
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
		ts_lingering_close_drain(&scene->lingering,
		    (uint32_t)(round.tags[i] - FIRST_TAG));
	return round.count;
}

/* Closes the server's end of a connection of `source`, with a message. */
static void
begin_of(struct scene *scene, int server, uint32_t source)
{
	uint32_t id = ts_connections_add(&scene->connections, server);
	struct ts_connection *connection;

	assert_int_not_equal(id, TS_SLOTS_NONE);
	connection = &scene->connections.all[id];
	connection->peer = ts_addr_from_uid(source);
	ts_chain_of(&connection->chain, &connection->peer);
	ts_lingering_close_begin(&scene->lingering, id, MESSAGE, start);
}

static void
begin(struct scene *scene, int server)
{
	begin_of(scene, server, SOURCE);
}

/* Expires what is due. */
static void
expire(struct scene *scene, struct ts_monotime now)
{
	uint32_t id;

	for (;;) {
		id = ts_deadline_take_due(&scene->connections.deadline, now);
		if (id == TS_SLOTS_NONE)
			return;
		ts_lingering_close_end(&scene->lingering, id);
	}
}

/* The client's end of a connection that was refused. */
static int
refuse_one(struct scene *scene)
{
	int client;
	int server;

	peers_open_pair(&client, &server);
	begin(scene, server);
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
	assert_int_equal(scene->connections.lingering, 1);
	(void)close(client);
	assert_int_equal(attend(scene, PROCESS_LIMIT_MS), 1);
	assert_int_equal(scene->connections.lingering, 0);
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
	begin(scene, server);
	peers_send(client, "GET / HTTP/1.0\r\n");
	expect_message(client, 0);
	(void)close(client);
	while (scene->connections.lingering > 0)
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
	while (scene->connections.lingering > 0) {
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
	struct ts_monotime end = ts_monotime_add_ms(start, LINGER_MS);

	assert_int_equal(ts_deadline_next(&scene->connections.deadline).ns,
	    end.ns);
	expire(scene, (struct ts_monotime){ end.ns - 1 });
	assert_int_equal(scene->connections.lingering, 1);
	expire(scene, end);
	assert_int_equal(scene->connections.lingering, 0);
	expect_message(client, 0);
	(void)close(client);
}

/* One more than are kept: the oldest is closed at once. */
static void
few_are_heard_out_at_a_time(void **state)
{
	struct scene *scene = *state;
	int clients[TS_LINGERING_CLOSE_COUNT + 1];

	for (int i = 0; i <= TS_LINGERING_CLOSE_COUNT; i++)
		clients[i] = refuse_one(scene);
	assert_int_equal(scene->connections.lingering,
	    TS_LINGERING_CLOSE_COUNT);
	for (int i = 0; i <= TS_LINGERING_CLOSE_COUNT; i++)
		expect_message(clients[i], 0);
	for (int i = 0; i <= TS_LINGERING_CLOSE_COUNT; i++)
		(void)close(clients[i]);
	while (scene->connections.lingering > 0)
		assert_int_not_equal(attend(scene, PROCESS_LIMIT_MS), 0);
}

/* The heaviest network's oldest makes room, though another is older. */
static void
the_heaviest_makes_room(void **state)
{
	struct scene *scene = *state;
	int light;
	int light_server;
	int heavy[TS_LINGERING_CLOSE_COUNT - 1];
	int newcomer;
	int server;

	peers_open_pair(&light, &light_server);
	begin_of(scene, light_server, SOURCE + 1);
	for (int i = 0; i < TS_LINGERING_CLOSE_COUNT - 1; i++)
		heavy[i] = refuse_one(scene);
	peers_open_pair(&newcomer, &server);
	begin_of(scene, server, SOURCE + 2);
	assert_int_equal(scene->connections.lingering,
	    TS_LINGERING_CLOSE_COUNT);
	assert_true(process_is_open(light_server));
	assert_true(process_is_open(server));
	expect_message(newcomer, 0);
	expect_message(light, 0);
	/* It has heard the message all the same. */
	expect_message(heavy[0], 0);
	(void)close(light);
	(void)close(newcomer);
	for (int i = 0; i < TS_LINGERING_CLOSE_COUNT - 1; i++)
		(void)close(heavy[i]);
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
	begin(scene, server);
	assert_int_equal(scene->connections.lingering, 0);
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
	expire(scene, ts_monotime_add_ms(start, LINGER_MS));
	assert_int_equal(scene->connections.lingering, 0);
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
	end_all(scene);
	assert_int_equal(scene->connections.lingering, 0);
	for (int i = 0; i < 5; i++)
		(void)close(clients[i]);
	process_list_fds(after);
	assert_string_equal(before, after);
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
		cmocka_unit_test_setup_teardown(the_heaviest_makes_room,
		    open_scene, close_scene),
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
