/* SPDX-License-Identifier: MIT */
/* The kernel's own figures of a connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "forked.h"
#include "os/fd.h"
#include "os/sock_addrs.h"
#include "os/sockdiag.h"
#include "peers.h"

/* A connection, and the name under which it is looked up. */
struct pair {
	int diag;
	int client;
	int server;
	struct ts_sockdiag_id id;
};

static struct pair
open_pair(void)
{
	struct pair pair = { .id.cookie = 0 };

	assert_int_equal(ts_sockdiag_open(&pair.diag), 0);
	assert_true(pair.diag >= TS_FD_PARENT);
	assert_true(process_is_cloexec(pair.diag));
	peers_open_pair(&pair.client, &pair.server);
	assert_int_equal(ts_ends_of(pair.server, &pair.id.peer, &pair.id.local),
	    0);
	return pair;
}

static void
close_pair(const struct pair *pair)
{
	(void)close(pair->diag);
	(void)close(pair->client);
	(void)close(pair->server);
}

static void
tells_what_was_moved_and_what_waits(void **state)
{
	struct pair pair = open_pair();
	struct ts_progress_sample sample;
	uint64_t cookie;
	char text[8];

	(void)state;
	assert_int_equal(ts_sockdiag_look(pair.diag, &pair.id, &sample), 0);
	assert_int_equal(sample.received_bytes, 0);
	assert_int_equal(sample.receive_queue_bytes, 0);
	assert_int_equal(sample.send_queue_bytes, 0);
	cookie = pair.id.cookie;
	assert_true(cookie != 0);
	peers_send(pair.client, "seven!!");
	assert_true(process_has_input(pair.server, PROCESS_LIMIT_MS));
	assert_int_equal(ts_sockdiag_look(pair.diag, &pair.id, &sample), 0);
	assert_int_equal(sample.received_bytes, 7);
	assert_int_equal(sample.receive_queue_bytes, 7);
	assert_in_range(sample.quiet_ms, 0, PROCESS_LIMIT_MS);
	assert_int_equal(recv(pair.server, text, 7, 0), 7);
	assert_int_equal(ts_sockdiag_look(pair.diag, &pair.id, &sample), 0);
	assert_int_equal(sample.received_bytes, 7);
	assert_int_equal(sample.receive_queue_bytes, 0);
	assert_true(pair.id.cookie == cookie);
	close_pair(&pair);
}

/* Who does not read leaves something in the queue. */
static void
tells_what_a_reader_has_not_taken(void **state)
{
	struct pair pair = open_pair();
	struct ts_progress_sample sample;
	struct ts_progress_sample own;
	char some[4096];

	(void)state;
	memset(some, 'x', sizeof(some));
	while (send(pair.server, some, sizeof(some), MSG_DONTWAIT) > 0)
		continue;
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(ts_sockdiag_look(pair.diag, &pair.id, &sample), 0);
	assert_true(sample.send_queue_bytes > 0);
	assert_true(sample.acknowledged_bytes > 0);
	/* The one who holds it sees the same. */
	assert_int_equal(ts_sockdiag_own(pair.server, &own), 0);
	assert_true(own.acknowledged_bytes >= sample.acknowledged_bytes);
	assert_int_equal(own.received_bytes, 0);
	close_pair(&pair);
}

static void
silence_grows(void **state)
{
	struct pair pair = open_pair();
	struct ts_progress_sample sample;

	(void)state;
	assert_false(process_has_input(pair.server, 300));
	assert_int_equal(ts_sockdiag_look(pair.diag, &pair.id, &sample), 0);
	assert_in_range(sample.quiet_ms, 250, PROCESS_LIMIT_MS);
	peers_send(pair.client, "x");
	assert_true(process_has_input(pair.server, PROCESS_LIMIT_MS));
	assert_int_equal(ts_sockdiag_look(pair.diag, &pair.id, &sample), 0);
	assert_in_range(sample.quiet_ms, 0, 249);
	close_pair(&pair);
}

static void
another_cookie_is_another_connection(void **state)
{
	struct pair pair = open_pair();
	struct ts_progress_sample sample;

	(void)state;
	assert_int_equal(ts_sockdiag_look(pair.diag, &pair.id, &sample), 0);
	pair.id.cookie++;
	/* Some kernels have another word for it. */
	assert_true(ts_sockdiag_look(pair.diag, &pair.id, &sample) < 0);
	/* An answer that was not read would be taken for the next one. */
	pair.id.cookie = 0;
	assert_int_equal(ts_sockdiag_look(pair.diag, &pair.id, &sample), 0);
	pair.id.peer.port ^= 1;
	pair.id.cookie = 0;
	assert_int_equal(ts_sockdiag_look(pair.diag, &pair.id, &sample),
	    -ENOENT);
	close_pair(&pair);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_what_was_moved_and_what_waits),
		cmocka_unit_test(tells_what_a_reader_has_not_taken),
		cmocka_unit_test(silence_grows),
		cmocka_unit_test(another_cookie_is_another_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
