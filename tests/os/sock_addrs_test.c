/* SPDX-License-Identifier: MIT */
/* The two ends of a connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/sock_addrs.h"
#include "peers.h"

static void
tells_both_ends_on_tcp(void **state)
{
	char text[TS_ADDR_TEXT_SIZE];
	struct ts_addr local;
	struct ts_addr peer;
	int client;
	int server;

	(void)state;
	peers_open_pair(&client, &server);
	assert_int_equal(ts_ends_of(server, &peer, &local), 0);
	assert_int_equal(peer.port, peers_port(client));
	assert_int_equal(local.port, peers_port(server));
	ts_addr_format(&peer, text);
	assert_string_equal(text, "127.0.0.1");
	ts_addr_format(&local, text);
	assert_string_equal(text, "127.0.0.1");
	/* From the other end it is the other way round. */
	assert_int_equal(ts_ends_of(client, &peer, &local), 0);
	assert_int_equal(peer.port, peers_port(server));
	assert_int_equal(local.port, peers_port(client));
	(void)close(client);
	(void)close(server);
}

static void
tells_the_user_on_a_unix_socket(void **state)
{
	char expected[TS_ADDR_TEXT_SIZE];
	char text[TS_ADDR_TEXT_SIZE];
	struct ts_addr user = ts_addr_from_uid(getuid());
	struct ts_addr local;
	struct ts_addr peer;
	int pair[2];

	(void)state;
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(ts_ends_of(pair[0], &peer, &local), 0);
	ts_addr_format(&user, expected);
	ts_addr_format(&peer, text);
	assert_string_equal(text, expected);
	ts_addr_format(&local, text);
	assert_string_equal(text, expected);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void
what_is_no_connection_has_none(void **state)
{
	struct ts_addr local;
	struct ts_addr peer;
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(ts_ends_of(fd, &peer, &local), -ENOTSOCK);
	(void)close(fd);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(ts_ends_of(fd, &peer, &local), -ENOTCONN);
	(void)close(fd);
	assert_int_equal(ts_ends_of(-1, &peer, &local), -EBADF);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_both_ends_on_tcp),
		cmocka_unit_test(tells_the_user_on_a_unix_socket),
		cmocka_unit_test(what_is_no_connection_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
