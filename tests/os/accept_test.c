/* SPDX-License-Identifier: MIT */
/* One connection taken from a listener, and who is at its other end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/resource.h>
#include <sys/un.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "forked.h"
#include "os/accept.h"
#include "os/fd.h"
#include "peers.h"

/* A listener of its own, which does not block. */
static int
listen_at(const struct sockaddr *address, socklen_t size)
{
	int fd = socket(address->sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, address, size), 0);
	assert_int_equal(listen(fd, 8), 0);
	return fd;
}

static int
listen_on_ipv4(void)
{
	const struct sockaddr_in sin = { .sin_family = AF_INET };

	return listen_at((const struct sockaddr *)&sin, sizeof(sin));
}

static void
expect_peer(int listener, const char *expected, uint16_t port)
{
	char text[TS_ADDR_TEXT_SIZE];
	struct ts_accepted accepted;

	assert_true(process_has_input(listener, PROCESS_LIMIT_MS));
	assert_int_equal(ts_accept(listener, &accepted), 0);
	ts_addr_format(&accepted.peer, text);
	assert_string_equal(text, expected);
	assert_int_equal(accepted.peer.port, port);
	/* The listener does not block; what it accepts does. */
	assert_int_equal(fcntl(accepted.fd, F_GETFL) & O_NONBLOCK, 0);
	assert_true(process_is_cloexec(accepted.fd));
	assert_true(accepted.fd >= TS_FD_PARENT);
	(void)close(accepted.fd);
}

static void
tells_an_ipv4_peer(void **state)
{
	int listener = listen_on_ipv4();
	int client = peers_connect_from("127.0.0.9", peers_port(listener));

	(void)state;
	expect_peer(listener, "127.0.0.9", peers_port(client));
	(void)close(client);
	(void)close(listener);
}

static void
tells_peers_on_a_socket_for_both_families(void **state)
{
	const struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6 };
	int listener;
	int client;

	(void)state;
	if (access("/proc/net/if_inet6", F_OK) < 0) {
		print_message("# a kernel with IPv6\n");
		skip();
	}
	listener = listen_at((const struct sockaddr *)&sin6, sizeof(sin6));
	client = peers_connect("::1", peers_port(listener));
	expect_peer(listener, "::1", peers_port(client));
	(void)close(client);
	client = peers_connect("127.0.0.1", peers_port(listener));
	expect_peer(listener, "127.0.0.1", peers_port(client));
	(void)close(client);
	(void)close(listener);
}

static void
tells_the_user_on_a_unix_socket(void **state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	char expected[TS_ADDR_TEXT_SIZE];
	int listener;
	int client;

	(void)state;
	(void)snprintf(sun.sun_path, sizeof(sun.sun_path),
	    "/tmp/accept-test.%d", getpid());
	listener = listen_at((const struct sockaddr *)&sun, sizeof(sun));
	client = peers_connect_unix(sun.sun_path);
	(void)snprintf(expected, sizeof(expected), "uid %u", getuid());
	expect_peer(listener, expected, 0);
	(void)unlink(sun.sun_path);
	(void)close(client);
	(void)close(listener);
}

static void
says_that_there_is_none(void **state)
{
	int listener = listen_on_ipv4();
	struct ts_accepted accepted = {
		.fd = -7,
		.peer.port = 99,
	};

	(void)state;
	assert_int_equal(ts_accept(listener, &accepted), -EAGAIN);
	assert_int_equal(ts_accept(-1, &accepted), -EBADF);
	assert_int_equal(ts_accept(STDIN_FILENO, &accepted), -ENOTSOCK);
	assert_int_equal(accepted.fd, -7);
	assert_int_equal(accepted.peer.port, 99);
	(void)close(listener);
}

/* Where descriptors are short, the connection waits and is not lost. */
static int
accept_without_descriptors(void *arg)
{
	int listener = *(const int *)arg;
	struct ts_accepted accepted = { .fd = -7 };
	struct rlimit limit;

	assert(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	limit.rlim_cur = 0;
	assert(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	assert(ts_accept(listener, &accepted) == -EMFILE);
	assert(accepted.fd == -7);
	limit.rlim_cur = limit.rlim_max;
	assert(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	assert(ts_accept(listener, &accepted) == 0);
	return 0;
}

static void
a_lack_of_descriptors_loses_nobody(void **state)
{
	int listener = listen_on_ipv4();
	int client = peers_connect("127.0.0.1", peers_port(listener));

	(void)state;
	assert_true(process_has_input(listener, PROCESS_LIMIT_MS));
	process_run(accept_without_descriptors, &listener);
	(void)close(client);
	(void)close(listener);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_an_ipv4_peer),
		cmocka_unit_test(tells_peers_on_a_socket_for_both_families),
		cmocka_unit_test(tells_the_user_on_a_unix_socket),
		cmocka_unit_test(says_that_there_is_none),
		cmocka_unit_test(a_lack_of_descriptors_loses_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
