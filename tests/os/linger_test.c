/* SPDX-License-Identifier: MIT */
/* The parts of an orderly close. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/socket.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "forked.h"
#include "os/linger.h"
#include "peers.h"

#define REQUEST "GET / HTTP/1.0\r\n\r\n"
#define ANSWER "an answer"

/* As the engine's connections are born: their end is a reset. */
static void
cut_at_the_end(int fd)
{
	const struct linger cut = { .l_onoff = 1, .l_linger = 0 };

	assert_int_equal(
	    setsockopt(fd, SOL_SOCKET, SO_LINGER, &cut, sizeof(cut)), 0);
}

/* A pair in which the client has sent more than its server has read. */
static void
open_answered_pair(int *ret_client, int *ret_server)
{
	peers_open_pair(ret_client, ret_server);
	cut_at_the_end(*ret_server);
	for (int i = 0; i < 100; i++)
		peers_send(*ret_client, REQUEST);
	assert_true(process_has_input(*ret_server, PROCESS_LIMIT_MS));
	peers_send(*ret_server, ANSWER);
}

/* What this module is there for: without it, this is what happens. */
static void
a_plain_close_is_a_reset(void **state)
{
	char text[256];
	int client;
	int server;

	(void)state;
	open_answered_pair(&client, &server);
	(void)close(server);
	assert_int_equal(
	    peers_read_to_end(client, text, sizeof(text), PROCESS_LIMIT_MS),
	    -ECONNRESET);
	(void)close(client);
}

static void
a_drain_takes_what_is_there_and_no_more_than_it_may(void **state)
{
	int client;
	int server;

	(void)state;
	peers_open_pair(&client, &server);
	assert_int_equal(ts_linger_drain(server, 100), -EAGAIN);
	peers_send(client, "0123456789");
	assert_true(process_has_input(server, PROCESS_LIMIT_MS));
	assert_int_equal(ts_linger_drain(server, 4), 4);
	assert_int_equal(ts_linger_drain(server, 100), 6);
	assert_int_equal(ts_linger_drain(server, 100), -EAGAIN);
	(void)close(client);
	assert_true(process_has_input(server, PROCESS_LIMIT_MS));
	assert_int_equal(ts_linger_drain(server, 100), 0);
	(void)close(server);
	assert_int_equal(ts_linger_drain(-1, 100), -EBADF);
}

/* Other sockets copy what TCP only counts: it has to fit somewhere. */
static void
a_drain_works_on_a_unix_socket(void **state)
{
	char block[10000];
	size_t left = sizeof(block);
	int pair[2];

	(void)state;
	memset(block, 'x', sizeof(block));
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(write(pair[0], block, sizeof(block)), sizeof(block));
	while (left > 0) {
		int n = ts_linger_drain(pair[1], TS_LINGER_BYTES);

		assert_in_range(n, 1, left);
		left -= (size_t)n;
	}
	assert_int_equal(ts_linger_drain(pair[1], TS_LINGER_BYTES), -EAGAIN);
	ts_linger_begin(pair[1]);
	assert_int_equal(read(pair[0], block, sizeof(block)), 0);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void
the_beginning_ends_what_we_send(void **state)
{
	char text[64];
	int client;
	int server;

	(void)state;
	peers_open_pair(&client, &server);
	cut_at_the_end(server);
	peers_send(server, ANSWER);
	ts_linger_begin(server);
	assert_int_equal(
	    peers_read_to_end(client, text, sizeof(text), PROCESS_LIMIT_MS), 0);
	assert_string_equal(text, ANSWER);
	/* The client can still be heard, and the close is no reset. */
	peers_send(client, "x");
	assert_true(process_has_input(server, PROCESS_LIMIT_MS));
	assert_int_equal(ts_linger_drain(server, 10), 1);
	(void)close(server);
	assert_int_equal(
	    peers_read_to_end(client, text, sizeof(text), PROCESS_LIMIT_MS), 0);
	(void)close(client);
}

static void
tells_whether_all_has_arrived(void **state)
{
	static const char block[4096];
	static char text[1 << 24];
	int client;
	int server;

	(void)state;
	peers_open_pair(&client, &server);
	assert_true(ts_linger_has_arrived(server));
	while (
	    send(server, block, sizeof(block), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		continue;
	assert_false(ts_linger_has_arrived(server));
	ts_linger_begin(server);
	assert_int_equal(
	    peers_read_to_end(client, text, sizeof(text), PROCESS_LIMIT_MS), 0);
	assert_true(ts_linger_has_arrived(server));
	(void)close(client);
	(void)close(server);
	/* What is no connection has nothing under way. */
	assert_true(ts_linger_has_arrived(-1));
}

/* Somebody has set it to wait for an hour, and its client does not read. */
static void
a_cut_does_not_wait(void **state)
{
	static const char block[4096];
	const struct linger long_time = { .l_onoff = 1, .l_linger = 3600 };
	int64_t begin;
	int client;
	int server;

	(void)state;
	peers_open_pair(&client, &server);
	assert_int_equal(setsockopt(server, SOL_SOCKET, SO_LINGER, &long_time,
			     sizeof(long_time)),
	    0);
	while (
	    send(server, block, sizeof(block), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		continue;
	begin = process_now_ms();
	ts_linger_cut(server);
	(void)close(server);
	assert_true(process_now_ms() - begin < 1000);
	(void)close(client);
}

/* Nothing that a child has set on a connection outlives the child. */
static void
a_renewed_connection_is_as_it_was_accepted(void **state)
{
	const struct timeval soon = { 0, 1000 };
	const int on = 1;
	struct timeval timeout = { 1, 1 };
	socklen_t size = sizeof(timeout);
	char text[64];
	int client;
	int server;

	(void)state;
	peers_open_pair(&client, &server);
	assert_int_equal(
	    setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon)),
	    0);
	assert_int_equal(
	    setsockopt(server, IPPROTO_TCP, TCP_CORK, &on, sizeof(on)), 0);
	ts_linger_renew(server);
	assert_int_equal(
	    getsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &timeout, &size), 0);
	assert_int_equal(timeout.tv_sec, 0);
	assert_int_equal(timeout.tv_usec, 0);
	/* Not held back, and the end is a reset. */
	peers_send(server, ANSWER);
	assert_true(process_has_input(client, 150));
	(void)close(server);
	assert_int_equal(
	    peers_read_to_end(client, text, sizeof(text), PROCESS_LIMIT_MS),
	    -ECONNRESET);
	(void)close(client);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_close_is_a_reset),
		cmocka_unit_test(
		    a_drain_takes_what_is_there_and_no_more_than_it_may),
		cmocka_unit_test(a_drain_works_on_a_unix_socket),
		cmocka_unit_test(the_beginning_ends_what_we_send),
		cmocka_unit_test(tells_whether_all_has_arrived),
		cmocka_unit_test(a_cut_does_not_wait),
		cmocka_unit_test(a_renewed_connection_is_as_it_was_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
