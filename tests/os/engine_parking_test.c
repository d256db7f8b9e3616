/* SPDX-License-Identifier: MIT */
/* The engine's lot: connections that wait without a process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <assert.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/exit_reason.h"
#include "core/handoff.h"
#include "forked.h"
#include "os/fd.h"
#include "os/fdpass.h"
#include "peers.h"
#include "scene.h"

#define SEVERAL 20
#define ROUNDS 10
#define LONG_MS 2000
/* What the lot has open for itself: 0 to 2, its channel and its poll set. */
#define LOT_FDS 5
/* As few as the scene can begin with; and as many as a child can add to. */
#define FEW_DESCRIPTORS 210
#define MANY 60

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

/*
 * Whatever the order in which a child's end, what it hands over, and other
 * ends are seen: nothing that is its own is taken for another's.
 */
static void
what_is_handed_over_together_arrives(void **state)
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
	assert_null(strstr(scene.log, "not its own"));
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

/*
 * Stops the server, and lets the child of a client that has asked for 'q'
 * hand over and end.
 */
static void
hand_over_unseen(int client)
{
	pid_t child = scene_last_child(&scene);
	int fd = (int)syscall(SYS_pidfd_open, child, 0);

	assert_true(fd >= 0);
	peers_send(client, "x");
	scene_expect_so_far(client, "parked\n");
	assert_true(process_has_input(fd, PROCESS_LIMIT_MS));
	(void)close(fd);
}

static unsigned
count_fds(pid_t pid)
{
	unsigned count = 0;
	struct dirent *entry;
	char path[64];
	DIR *folder;

	(void)snprintf(path, sizeof(path), "/proc/%d/fd", pid);
	folder = opendir(path);
	assert_non_null(folder);
	for (entry = readdir(folder); entry != NULL; entry = readdir(folder))
		count += entry->d_name[0] != '.';
	(void)closedir(folder);
	return count;
}

/* Waits until process `pid` has so many descriptors. */
static void
expect_fds(pid_t pid, unsigned count)
{
	int64_t end = process_now_ms() + PROCESS_LIMIT_MS;

	while (count_fds(pid) != count) {
		if (process_now_ms() > end)
			fail_msg("descriptors %u", count_fds(pid));
		/* There is nothing that tells: look again a little later. */
		(void)process_has_input(scene.supervisor_fd, 10);
	}
}

/* Its client has spoken, but the server is told to stop before it hears. */
static void
those_on_the_way_back_are_served_at_the_end(void **state)
{
	const struct scene_setup setup = { .has_status = true };
	int clients[SEVERAL];
	pid_t lot;

	(void)state;
	scene_open(&scene, &setup);
	lot = scene_child(&scene, SCENE_LOT);
	for (int i = 0; i < SEVERAL; i++) {
		clients[i] = scene_ask(&scene, 'k');
		scene_expect_so_far(clients[i], "parked\n");
	}
	scene_expect_children(&scene, SCENE_HELPERS);
	scene_expect_number(&scene, "parked", SEVERAL);
	expect_fds(lot, LOT_FDS + SEVERAL);
	scene_stop(&scene);
	assert_int_equal(kill(scene.pid, SIGTERM), 0);
	for (int i = 0; i < SEVERAL; i++)
		peers_send(clients[i], "h");
	/* What has left the lot is on the way. */
	expect_fds(lot, LOT_FDS);
	scene_go_on(&scene);
	for (int i = 0; i < SEVERAL; i++)
		scene_expect(clients[i], "hello 127.0.0.1 at 0\n", 0);
	scene_wait(&scene);
}

/* It has handed over, and then had to make room: that is no cheating. */
static void
who_hands_over_and_is_replaced_has_not_cheated(void **state)
{
	const struct scene_setup setup = {
		.options = { .max_children_per_source = 1 },
	};
	int newcomer;
	int client;

	(void)state;
	scene_open(&scene, &setup);
	client = scene_ask(&scene, 'q');
	scene_expect_so_far(client, "busy\n");
	scene_stop(&scene);
	newcomer = scene_ask(&scene, 'h');
	hand_over_unseen(client);
	scene_go_on(&scene);
	scene_expect(newcomer, "hello 127.0.0.1 at 0\n", 0);
	scene_expect(client, "", -ECONNRESET);
	scene_close(&scene);
	assert_null(strstr(scene.log, "not its own"));
}

/*
 * The server hears of the child's end before it sees what that has handed
 * over, which is its own all the same: it is parked, and comes back.
 */
static void
who_has_ended_on_the_way_to_the_lot_is_parked(void **state)
{
	const struct scene_setup setup = { .has_status = true };
	int client;

	(void)state;
	scene_open(&scene, &setup);
	client = scene_ask(&scene, 'q');
	scene_expect_so_far(client, "busy\n");
	scene_stop(&scene);
	/* Any signal, so that it attends to its signals before all else. */
	assert_int_equal(kill(scene.pid, SIGUSR1), 0);
	hand_over_unseen(client);
	scene_go_on(&scene);
	scene_expect_number(&scene, "ended_parked", 1);
	scene_expect_number(&scene, "parked", 1);
	scene_expect_number(&scene, "false_parcels", 0);
	peers_send(client, "h");
	scene_expect(client, "hello 127.0.0.1 at 0\n", 0);
	scene_close(&scene);
}

static void
the_parked_are_closed_in_order_when_their_time_is_over(void **state)
{
	const struct scene_setup setup = { .options.idle_ms = 700 };
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
a_lot_that_is_nearly_full_waits_half_as_long(void **state)
{
	const struct scene_setup setup = {
		.options = { .idle_ms = LONG_MS, .max_parked = 10 },
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

		/* Neither a source nor a group has more than its share. */
		(void)snprintf(source, sizeof(source), "127.0.%d.1", 1 + i);
		clients[i] = scene_ask_from(&scene, source, 'k');
		scene_expect_so_far(clients[i], "parked\n");
		/* Up to eight there is no stress. */
		scene_expect_number(&scene, "parked", (uint64_t)i + 1);
		if (i == 7)
			scene_expect_number(&scene, "lot_stress", 0);
	}
	scene_expect_number(&scene, "lot_stress", 1);
	for (int i = 0; i < 4; i++)
		scene_expect(clients[i], "", 0);
	assert_in_range(process_now_ms() - begin, LONG_MS / 2, LONG_MS - 1);
	scene_expect_number(&scene, "lot_stress", 0);
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

/* The lot dies: others are served on, what it held is counted. */
static void
another_lot_takes_the_place_of_a_dead_one(void **state)
{
	const struct scene_setup setup = { .has_status = true };
	int64_t begin;
	int parked[3];
	pid_t lot;
	int busy;

	(void)state;
	scene_open(&scene, &setup);
	lot = scene_child(&scene, SCENE_LOT);
	busy = scene_ask(&scene, 'b');
	scene_expect_so_far(busy, "busy\n");
	for (int i = 0; i < 3; i++) {
		parked[i] = scene_ask(&scene, 'k');
		scene_expect_so_far(parked[i], "parked\n");
	}
	scene_expect_children(&scene, 1 + SCENE_HELPERS);
	scene_expect_number(&scene, "parked", 3);
	process_kill(lot);
	begin = process_now_ms();
	for (int i = 0; i < 3; i++)
		scene_expect(parked[i], "", -ECONNRESET);
	scene_expect_log(&scene,
	    "tcpserver: the lot has died, and 3 parked connections with "
	    "it\n");
	/* Meanwhile who would be parked is closed in order. */
	parked[0] = scene_ask(&scene, 'k');
	scene_expect(parked[0], "parked\n", 0);
	/* The logger and who is busy; then the lot again. */
	scene_expect_children(&scene, 2);
	scene_expect_children(&scene, 1 + SCENE_HELPERS);
	assert_in_range(process_now_ms() - begin, 0, 3000);
	assert_int_not_equal(scene_last_child(&scene), lot);
	/* The other one does what the first one did. */
	parked[0] = scene_ask(&scene, 'k');
	scene_expect_so_far(parked[0], "parked\n");
	scene_expect_children(&scene, 1 + SCENE_HELPERS);
	peers_send(parked[0], "h");
	scene_expect(parked[0], "hello 127.0.0.1 at 0\n", 0);
	assert_false(process_has_input(busy, 0));
	peers_send(busy, "x");
	scene_expect(busy, "done\n", 0);
	scene_close(&scene);
	scene_expect_log(&scene,
	    "stopped: 6 accepted, 0 refused, 2 closed, 5 parked, 1 resumed, "
	    "1 unparked, 3 lost\n");
}

/*
 * Who is not the superuser may have no more descriptors under way at a time
 * than open, see unix(7): so the server is allowed as many as it can be.
 */
static void
more_are_on_their_way_than_a_process_may_begin_with(void **state)
{
	/* A child's own limit goes by how many children there may be. */
	const struct scene_setup setup = {
		.options = { .max_children = 16,
		    .max_children_per_source = TCPSERVER_NO_LIMIT,
		    .max_children_per_group = TCPSERVER_NO_LIMIT },
	};
	struct rlimit few;
	struct rlimit before;
	int clients[MANY];
	pid_t lot;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = (struct rlimit){ FEW_DESCRIPTORS, before.rlim_max };
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	scene_open(&scene, &setup);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	lot = scene_child(&scene, SCENE_LOT);
	/* It takes none of them for a while. */
	assert_int_equal(kill(lot, SIGSTOP), 0);
	for (int i = 0; i < MANY; i++) {
		clients[i] = scene_ask(&scene, 'k');
		scene_expect_so_far(clients[i], "parked\n");
	}
	scene_expect_children(&scene, SCENE_HELPERS);
	for (int i = 0; i < MANY; i++)
		assert_false(process_has_input(clients[i], 0));
	assert_int_equal(kill(lot, SIGCONT), 0);
	for (int i = 0; i < MANY; i++) {
		peers_send(clients[i], "h");
		scene_expect(clients[i], "hello 127.0.0.1 at 0\n", 0);
	}
	scene_close(&scene);
}

/* What a child may try to hand over. */
static int
something_else(char what, int connection)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t size = sizeof(sin);
	int fd;

	if (what == 'd')
		return STDIN_FILENO;
	if (what != 's')
		return connection;
	/* Another connection, to the very same listener. */
	assert(getsockname(connection, (struct sockaddr *)&sin, &size) == 0);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert(connect(fd, (const struct sockaddr *)&sin, size) == 0);
	return fd;
}

/*
 * Hands something over by itself, as its client says, and waits to be killed:
 *
 *	s	another socket
 *	d	no socket at all
 *	l	its own, as if it had come to a listener that there is not
 *	z	its own, with more state than there may be
 *	p	its own, as it should be, when its client has spoken again
 *	o	its own, as it should be, but in a message of another size
 *	r	its own, twice
 *	q	its own, and stays
 *	p	its own, when it is told to, and ends
 */
static enum tcpserver_verdict
cheat(const struct tcpserver_client *client, void *arg)
{
	struct ts_parcel parcel = { .listener = client->listener };
	size_t size = sizeof(parcel);
	char what = '?';

	(void)arg;
	(void)recv(client->fd, &what, 1, 0);
	if (what == 'h' || what == '?')
		return TCPSERVER_CLOSE;
	if (what == 'l')
		parcel.listener = 1;
	if (what == 'z')
		parcel.state_bytes = TCPSERVER_STATE_BYTES + 1;
	if (what == 'o')
		size--;
	if (what == 'p') {
		dprintf(client->fd, "ready\n");
		(void)recv(client->fd, parcel.state, 1, 0);
	}
	assert(ts_fdpass_send(TS_FD_CHANNEL, something_else(what, client->fd),
		   &parcel, size) == 0);
	if (what == 'r')
		(void)ts_fdpass_send(TS_FD_CHANNEL, client->fd, &parcel, size);
	if (what == 'p') {
		dprintf(client->fd, "sent\n");
		_exit(TS_EXIT_PARKED);
	}
	for (;;)
		(void)poll(NULL, 0, -1);
}

static void
who_hands_over_what_is_not_its_own_is_killed(void **state)
{
	struct scene_setup setup = { .handler = cheat };
	static const char tricks[] = "sdlzor";
	char expected[80];

	(void)state;
	for (size_t i = 0; i < strlen(tricks); i++) {
		int client;

		/* In its jail a child comes by no other socket. */
		setup.options.jail.mode =
		    tricks[i] == 's' ? TCPSERVER_JAIL_OFF : TCPSERVER_JAIL_AUTO;
		scene_open(&scene, &setup);
		client = scene_ask(&scene, tricks[i]);
		scene_expect(client, "", -ECONNRESET);
		(void)snprintf(expected, sizeof(expected),
		    " handed over what is not its own (and 0 before)\n");
		scene_expect_log(&scene, expected);
		/* Nobody else is the worse for it. */
		scene_expect(scene_ask(&scene, 'h'), "", 0);
		scene_close(&scene);
		scene_expect_log(&scene, ", 1 dismissed, 1 false\n");
	}
}

/* Handed over, but not yet with the lot when the server is told to stop. */
static void
those_on_the_way_are_closed_in_order_at_the_end(void **state)
{
	const struct scene_setup setup = {
		.handler = cheat,
		.options.drain_ms = 300,
	};
	int client;

	(void)state;
	scene_open(&scene, &setup);
	client = scene_ask(&scene, 'p');
	scene_expect_so_far(client, "ready\n");
	scene_stop(&scene);
	/* Told first, so that it hears that before all else. */
	assert_int_equal(kill(scene.pid, SIGTERM), 0);
	peers_send(client, "x");
	scene_expect_so_far(client, "sent\n");
	scene_go_on(&scene);
	scene_expect(client, "", 0);
	scene_wait(&scene);
}

/* Until it has ended it could still do something to what it has given. */
static void
who_hands_over_and_stays_has_not_parked(void **state)
{
	const struct scene_setup setup = {
		.handler = cheat,
		.options.idle_ms = 1000,
	};

	(void)state;
	scene_open(&scene, &setup);
	scene_expect(scene_ask(&scene, 'q'), "", -ECONNRESET);
	scene_expect_children(&scene, SCENE_HELPERS);
	scene_close(&scene);
	scene_expect_log(&scene, "stopped: 1 accepted, 0 refused, 1 idle\n");
}

/* Only where nothing forbids it: then the server goes on without parking. */
static enum tcpserver_verdict
shut_the_way(const struct tcpserver_client *client, void *arg)
{
	char what = '?';

	(void)arg;
	(void)recv(client->fd, &what, 1, 0);
	if (what == 'w')
		(void)shutdown(TS_FD_CHANNEL, SHUT_RDWR);
	return TCPSERVER_PARK;
}

static void
a_server_whose_way_to_the_lot_was_shut_goes_on(void **state)
{
	const struct scene_setup setup = {
		.handler = shut_the_way,
		.options.jail.mode = TCPSERVER_JAIL_OFF,
	};

	(void)state;
	scene_open(&scene, &setup);
	scene_expect(scene_ask(&scene, 'w'), "", 0);
	scene_expect(scene_ask(&scene, 'x'), "", 0);
	scene_close(&scene);
	scene_expect_log(&scene,
	    "hand connections over was shut: none is parked from here on\n");
	scene_expect_log(&scene, "stopped: 2 accepted, 0 refused, 2 closed\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_handler_leaves_comes_back_to_the_next),
		cmocka_unit_test(a_state_has_its_bound),
		cmocka_unit_test(what_is_handed_over_together_arrives),
		cmocka_unit_test(the_parked_are_closed_in_order_at_the_end),
		cmocka_unit_test(
		    those_on_the_way_are_closed_in_order_at_the_end),
		cmocka_unit_test(those_on_the_way_back_are_served_at_the_end),
		cmocka_unit_test(
		    who_hands_over_and_is_replaced_has_not_cheated),
		cmocka_unit_test(who_has_ended_on_the_way_to_the_lot_is_parked),
		cmocka_unit_test(
		    the_parked_are_closed_in_order_when_their_time_is_over),
		cmocka_unit_test(a_lot_that_is_nearly_full_waits_half_as_long),
		cmocka_unit_test(who_says_nothing_at_first_has_less_time),
		cmocka_unit_test(another_lot_takes_the_place_of_a_dead_one),
		cmocka_unit_test(
		    more_are_on_their_way_than_a_process_may_begin_with),
		cmocka_unit_test(who_hands_over_what_is_not_its_own_is_killed),
		cmocka_unit_test(who_hands_over_and_stays_has_not_parked),
		cmocka_unit_test(
		    a_server_whose_way_to_the_lot_was_shut_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
