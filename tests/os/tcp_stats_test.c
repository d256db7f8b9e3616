/* SPDX-License-Identifier: MIT */
/* Statistics of connections, against what was done with them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "forked.h"
#include "os/tcp_stats.h"
#include "peers.h"

/* A client's end, and the server's. */
struct pair {
	int client;
	int server;
};

static struct pair
open_pair(void)
{
	struct pair pair;

	peers_open_pair(&pair.client, &pair.server);
	return pair;
}

static void
close_pair(const struct pair *pair)
{
	(void)close(pair->client);
	(void)close(pair->server);
}

static struct ts_progress_sample
look(int fd)
{
	struct ts_progress_sample sample;

	assert_int_equal(ts_tcp_stats(fd, &sample), 0);
	return sample;
}

static void
counts_what_comes_and_what_is_read(void **state)
{
	struct pair pair = open_pair();
	struct ts_progress_sample sample = look(pair.server);
	char bytes[8];

	(void)state;
	assert_int_equal(sample.received_bytes, 0);
	assert_int_equal(send(pair.client, "GET /", 5, 0), 5);
	assert_true(process_has_input(pair.server, PROCESS_LIMIT_MS));
	sample = look(pair.server);
	assert_int_equal(sample.received_bytes, 5);
	assert_int_equal(sample.receive_queue_bytes, 5);
	assert_int_equal(recv(pair.server, bytes, sizeof(bytes), 0), 5);
	assert_int_equal(look(pair.server).receive_queue_bytes, 0);
	close_pair(&pair);
}

/* A client that reads nothing: what it has no room for waits here. */
static void
counts_what_is_not_acknowledged(void **state)
{
	static char block[1 << 16];
	struct pair pair = open_pair();
	struct ts_progress_sample sample;
	ssize_t sent = 0;
	ssize_t n;

	(void)state;
	for (;;) {
		n = send(pair.server, block, sizeof(block), MSG_DONTWAIT);
		if (n <= 0)
			break;
		sent += n;
	}
	sample = look(pair.server);
	assert_int_equal(sample.acknowledged_bytes + sample.send_queue_bytes,
	    sent);
	assert_true(sample.send_queue_bytes > 0);
	assert_int_equal(ts_tcp_stats_unacked_bytes(pair.server),
	    sample.send_queue_bytes);
	close_pair(&pair);
}

/* From the very first byte on, which may come with the connection. */
static void
tells_whose_turn_it_is(void **state)
{
	struct pair pair = open_pair();

	(void)state;
	assert_false(look(pair.server).is_unanswered);
	peers_send(pair.client, "x");
	assert_true(process_has_input(pair.server, PROCESS_LIMIT_MS));
	assert_true(look(pair.server).is_unanswered);
	peers_send(pair.server, "y");
	assert_true(process_has_input(pair.client, PROCESS_LIMIT_MS));
	assert_false(look(pair.server).is_unanswered);
	/* The kernel's clock for this counts milliseconds, or a few. */
	(void)poll(NULL, 0, 50);
	peers_send(pair.client, "x");
	(void)poll(NULL, 0, 50);
	assert_true(look(pair.server).is_unanswered);
	close_pair(&pair);
}

static void
knows_a_connection_that_is_no_more(void **state)
{
	const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	struct pair pair = open_pair();
	struct ts_progress_sample sample;

	(void)state;
	assert_int_equal(setsockopt(pair.client, SOL_SOCKET, SO_LINGER, &reset,
			     sizeof(reset)),
	    0);
	(void)close(pair.client);
	assert_true(process_has_input(pair.server, PROCESS_LIMIT_MS));
	assert_int_equal(ts_tcp_stats(pair.server, &sample), -ENOTCONN);
	(void)close(pair.server);
}

static void
tells_other_sockets_apart(void **state)
{
	struct ts_progress_sample sample;
	int ends[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(ts_tcp_stats(ends[0], &sample), -EOPNOTSUPP);
	assert_int_equal(ts_tcp_stats_unacked_bytes(ends[0]), 0);
	assert_int_equal(ts_tcp_stats(-1, &sample), -EBADF);
	(void)close(ends[0]);
	(void)close(ends[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_what_comes_and_what_is_read),
		cmocka_unit_test(counts_what_is_not_acknowledged),
		cmocka_unit_test(tells_whose_turn_it_is),
		cmocka_unit_test(knows_a_connection_that_is_no_more),
		cmocka_unit_test(tells_other_sockets_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
