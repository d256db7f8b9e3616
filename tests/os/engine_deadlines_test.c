/* SPDX-License-Identifier: MIT */
/* The engine's deadlines, kept from outside: who is cut, and who is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "forked.h"
#include "peers.h"
#include "scene.h"

#define IDLE_MS 1500
#define RATE_BYTES_PER_S 2000
/* What everybody may lag behind by, and when all must have been seen. */
#define CREDIT_MS 5000
#define LATEST_MS 9000
#define BEAT_MS 100
/* Of one beat: a fifth of the least rate, and five times as much. */
#define TOO_LITTLE 40
#define ENOUGH 1000

static struct scene scene;

/* A client that takes as little at a time as can be, and asks. */
static int
ask_with_a_small_window(char command)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons(scene.ports[0]),
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int bytes = 1;

	assert_true(fd >= 0);
	assert_int_equal(
	    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes)), 0);
	assert_int_equal(
	    connect(fd, (const struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(send(fd, &command, 1, MSG_NOSIGNAL), 1);
	return fd;
}

/* Whether a client's connection has been cut, read to its end or not. */
static bool
is_cut(int client)
{
	struct pollfd cut = { .fd = client };

	return poll(&cut, 1, 0) == 1;
}

/* Those that move something, and those that are to be cut. */
struct cast {
	int sender;
	int reader;
	int idle;
	int slow_sender;
	int slow_reader;
};

static void
beat(const struct cast *cast)
{
	static const char bytes[ENOUGH];
	char taken[ENOUGH];

	(void)send(cast->slow_sender, bytes, TOO_LITTLE, MSG_NOSIGNAL);
	assert_int_equal(send(cast->sender, bytes, ENOUGH, MSG_NOSIGNAL),
	    ENOUGH);
	assert_true(recv(cast->reader, taken, ENOUGH, 0) > 0);
	/* It is no event that is waited for, but time itself. */
	(void)process_has_input(scene.supervisor_fd, BEAT_MS);
}

static void
who_does_not_get_on_is_cut_and_nobody_else_is(void **state)
{
	const struct scene_setup setup = {
		.options = { .idle_ms = IDLE_MS,
		    .least_rate_bytes_per_s = RATE_BYTES_PER_S },
	};
	struct cast cast;
	int64_t begin;

	(void)state;
	scene_open(&scene, &setup);
	begin = process_now_ms();
	cast.idle = scene_ask(&scene, 'b');
	cast.slow_sender = scene_ask(&scene, 'n');
	cast.slow_reader = ask_with_a_small_window('t');
	cast.sender = scene_ask(&scene, 'n');
	cast.reader = ask_with_a_small_window('t');
	while (!is_cut(cast.idle)) {
		assert_true(process_now_ms() - begin < LATEST_MS);
		beat(&cast);
	}
	assert_in_range(process_now_ms() - begin, IDLE_MS - 1, CREDIT_MS);
	while (!is_cut(cast.slow_sender) || !is_cut(cast.slow_reader)) {
		assert_true(process_now_ms() - begin < LATEST_MS);
		beat(&cast);
	}
	assert_true(process_now_ms() - begin >= CREDIT_MS);
	assert_false(is_cut(cast.sender) || is_cut(cast.reader));
	(void)close(cast.sender);
	(void)close(cast.reader);
	scene_expect_children(&scene, SCENE_HELPERS);
	scene_close(&scene);
	scene_expect_log(&scene,
	    "stopped: 5 accepted, 0 refused, 2 closed, 1 idle, 1 slow_sender, "
	    "1 slow_reader\n");
	scene_expect_log(&scene,
	    "reset 127.0.0.1: nothing was moved for too long\n");
	scene_expect_log(&scene,
	    "reset 127.0.0.1: the client sends too slowly\n");
	scene_expect_log(&scene,
	    "reset 127.0.0.1: the client reads too slowly\n");
	(void)close(cast.idle);
	(void)close(cast.slow_sender);
	(void)close(cast.slow_reader);
}

/* It has nobody left to serve, and stays. */
static enum tcpserver_verdict
stay(const struct tcpserver_client *client, void *arg)
{
	(void)arg;
	(void)send(client->fd, "here\n", 5, MSG_NOSIGNAL);
	while (poll(NULL, 0, -1) < 0)
		continue;
	return TCPSERVER_CLOSE;
}

/* Resets its connection. */
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
who_has_no_connection_any_more_has_to_end(void **state)
{
	const struct scene_setup setup = {
		.options.idle_ms = 1500,
		.handler = stay,
	};
	int seen;

	(void)state;
	scene_open(&scene, &setup);
	/* Before it was ever looked at, and after. */
	seen = scene_ask(&scene, 'x');
	scene_expect_so_far(seen, "here\n");
	cut(seen);
	seen = scene_ask(&scene, 'x');
	scene_expect_so_far(seen, "here\n");
	(void)process_has_input(scene.supervisor_fd, 1000);
	assert_int_equal(send(seen, "x", 1, MSG_NOSIGNAL), 1);
	(void)process_has_input(scene.supervisor_fd, 1000);
	cut(seen);
	scene_expect_children(&scene, SCENE_HELPERS);
	scene_close(&scene);
	scene_expect_log(&scene, "stopped: 2 accepted, 0 refused, 2 idle\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_does_not_get_on_is_cut_and_nobody_else_is),
		cmocka_unit_test(who_has_no_connection_any_more_has_to_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
