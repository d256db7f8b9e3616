/* SPDX-License-Identifier: MIT */
/* Listening sockets of every kind, and what their connections inherit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "forked.h"
#include "os/fd.h"
#include "os/listen.h"
#include "peers.h"

/* How much may wait to be sent, and what the kernel may keep for it. */
#define UNSENT_BYTES 16384
#define KEPT_BYTES 65536

/* A folder of its own, in which each test finds nothing. */
static char folder[] = "/tmp/listen-test.XXXXXX";
static char path[sizeof(folder) + sizeof("/socket")];
static char unix_text[sizeof(path) + sizeof("unix:")];

static int
make_folder(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	(void)snprintf(path, sizeof(path), "%s/socket", folder);
	(void)snprintf(unix_text, sizeof(unix_text), "unix:%s", path);
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

static int
remove_path(void **state)
{
	(void)state;
	(void)unlink(path);
	return 0;
}

/* Opens; on failure returns what ts_listen_open() does. */
static int
try_open(int *ret_fd, const char *text, ts_listen_step *ret_step)
{
	struct ts_endpoint endpoint;

	assert_int_equal(ts_endpoint_parse(&endpoint, text), 0);
	return ts_listen_open(ret_fd, &endpoint, ret_step);
}

static int
open_at(const char *text)
{
	ts_listen_step step;
	int fd;

	assert_int_equal(try_open(&fd, text, &step), 0);
	assert_true(fd >= TS_FD_PARENT);
	assert_true(process_is_cloexec(fd));
	assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
	return fd;
}

/* Fails with `error` in `step`; nothing is left open. */
static void
expect_failure(const char *text, int error, const char *step)
{
	ts_listen_step failed = "none";
	char before[PROCESS_FDS_SIZE];
	char after[PROCESS_FDS_SIZE];
	int fd = -7;

	process_list_fds(before);
	assert_int_equal(try_open(&fd, text, &failed), error);
	process_list_fds(after);
	assert_string_equal(failed, step);
	assert_int_equal(fd, -7);
	assert_string_equal(before, after);
}

static void
expect_text(int fd, const char *prefix)
{
	char text[TS_ENDPOINT_TEXT_SIZE];
	char expected[TS_ENDPOINT_TEXT_SIZE];
	struct ts_endpoint endpoint;

	assert_int_equal(ts_listen_endpoint(fd, &endpoint), 0);
	ts_endpoint_format(&endpoint, text);
	(void)snprintf(expected, sizeof(expected), "%s:%u", prefix,
	    peers_port(fd));
	assert_string_equal(text, expected);
}

static int
get(int fd, int level, int option)
{
	int value = -7;
	socklen_t size = sizeof(value);

	assert_int_equal(getsockopt(fd, level, option, &value, &size), 0);
	return value;
}

static void
need_ipv6(void)
{
	if (access("/proc/net/if_inet6", F_OK) == 0)
		return;
	print_message("# a kernel with IPv6\n");
	skip();
}

static void
listens_on_ipv4(void **state)
{
	int fd = open_at("127.0.0.1:0");

	(void)state;
	assert_int_not_equal(peers_port(fd), 0);
	expect_text(fd, "127.0.0.1");
	(void)close(peers_connect("127.0.0.1", peers_port(fd)));
	(void)close(fd);
}

static void
listens_on_ipv6_alone(void **state)
{
	int fd;

	(void)state;
	need_ipv6();
	fd = open_at("[::]:0");
	expect_text(fd, "[::]");
	(void)close(peers_connect("::1", peers_port(fd)));
	/* The same port is left to others on IPv4. */
	assert_int_equal(get(fd, IPPROTO_IPV6, IPV6_V6ONLY), 1);
	(void)close(fd);
}

static void
listens_on_every_address_of_both_families(void **state)
{
	int fd;

	(void)state;
	need_ipv6();
	fd = open_at("*:0");
	expect_text(fd, "*");
	(void)close(peers_connect("::1", peers_port(fd)));
	(void)close(peers_connect("127.0.0.1", peers_port(fd)));
	(void)close(fd);
}

static void
listens_on_a_unix_socket(void **state)
{
	char text[TS_ENDPOINT_TEXT_SIZE];
	struct ts_endpoint endpoint;
	int fd = open_at(unix_text);

	(void)state;
	assert_int_equal(ts_listen_endpoint(fd, &endpoint), 0);
	ts_endpoint_format(&endpoint, text);
	assert_string_equal(text, unix_text);
	(void)close(peers_connect_unix(path));
	(void)close(fd);
}

static void
names_the_step_that_fails(void **state)
{
	char text[32];
	int fd = open_at("127.0.0.1:0");

	(void)state;
	(void)snprintf(text, sizeof(text), "127.0.0.1:%u", peers_port(fd));
	expect_failure(text, -EADDRINUSE, "bind");
	/* Documentation's own: no host has it. */
	expect_failure("192.0.2.1:0", -EADDRNOTAVAIL, "bind");
	expect_failure("[fe80::1%none]:0", -ENODEV, "interface");
	expect_failure("unix:/nowhere/at/all", -ENOENT, "bind");
	(void)close(fd);
}

static void
a_dead_unix_socket_is_replaced(void **state)
{
	int fd = open_at(unix_text);

	(void)state;
	/* Its owner dies without taking it away. */
	(void)close(fd);
	assert_int_equal(access(path, F_OK), 0);
	fd = open_at(unix_text);
	(void)close(peers_connect_unix(path));
	(void)close(fd);
}

static void
a_live_unix_socket_is_not(void **state)
{
	int fd = open_at(unix_text);
	int client;

	(void)state;
	expect_failure(unix_text, -EADDRINUSE, "bind");
	/* The first still has its path. */
	client = peers_connect_unix(path);
	assert_true(process_has_input(fd, PROCESS_LIMIT_MS));
	(void)close(client);
	(void)close(fd);
}

/* It answers nobody just now, but is not dead. */
static void
a_unix_socket_with_a_full_queue_is_not(void **state)
{
	int fd = open_at(unix_text);
	int client;

	(void)state;
	assert_int_equal(listen(fd, 0), 0);
	client = peers_connect_unix(path);
	expect_failure(unix_text, -EADDRINUSE, "bind");
	assert_int_equal(access(path, F_OK), 0);
	(void)close(client);
	(void)close(fd);
}

/* connect(2) says the same of a file as of a dead socket. */
static void
a_file_in_the_way_is_not_removed(void **state)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "precious", 8), 8);
	(void)close(fd);
	expect_failure(unix_text, -EADDRINUSE, "bind");
	assert_int_equal(access(path, F_OK), 0);
}

static void
a_link_in_the_way_is_not_removed(void **state)
{
	(void)state;
	assert_int_equal(symlink("/dev/null", path), 0);
	expect_failure(unix_text, -EADDRINUSE, "bind");
	assert_int_equal(readlink(path, (char[16]){ 0 }, 16), 9);
}

static void
a_socket_of_another_kind_is_not_removed(void **state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)state;
	memcpy(sun.sun_path, path, sizeof(path));
	assert_int_equal(bind(fd, (const struct sockaddr *)&sun, sizeof(sun)),
	    0);
	expect_failure(unix_text, -EADDRINUSE, "bind");
	assert_int_equal(access(path, F_OK), 0);
	(void)close(fd);
}

/* Accepts one connection on `fd` and checks what it was born with. */
static void
expect_manner(int fd, int user_timeout_ms, int receive_bytes)
{
	int client = peers_connect("127.0.0.1", peers_port(fd));
	struct linger linger = { .l_linger = 7 };
	socklen_t size = sizeof(linger);
	int server;

	assert_true(process_has_input(fd, PROCESS_LIMIT_MS));
	server = accept(fd, NULL, NULL);
	assert_true(server >= 0);
	assert_int_equal(
	    getsockopt(server, SOL_SOCKET, SO_LINGER, &linger, &size), 0);
	assert_int_equal(linger.l_onoff, 1);
	assert_int_equal(linger.l_linger, 0);
	assert_int_equal(get(server, SOL_SOCKET, SO_KEEPALIVE), 1);
	assert_int_equal(get(server, IPPROTO_TCP, TCP_NODELAY), 1);
	assert_int_equal(get(server, IPPROTO_TCP, TCP_KEEPIDLE), 60);
	assert_int_equal(get(server, IPPROTO_TCP, TCP_KEEPINTVL), 15);
	assert_int_equal(get(server, IPPROTO_TCP, TCP_KEEPCNT), 4);
	assert_int_equal(get(server, IPPROTO_TCP, TCP_USER_TIMEOUT),
	    user_timeout_ms);
	assert_int_equal(get(server, IPPROTO_TCP, TCP_NOTSENT_LOWAT),
	    UNSENT_BYTES);
	assert_int_equal(get(server, SOL_SOCKET, SO_RCVBUF), receive_bytes);
	(void)close(client);
	(void)close(server);
}

static void
connections_inherit_their_manner(void **state)
{
	static const struct ts_listen_manner bounded = {
		.user_timeout_ms = 4711,
		.receive_buffer_bytes = 8192,
	};
	static const struct ts_listen_manner unbounded = { 0 };
	int fd = open_at("127.0.0.1:0");
	int usual_bytes = get(fd, SOL_SOCKET, SO_RCVBUF);

	(void)state;
	ts_listen_set_manner(fd, &bounded);
	assert_int_equal(get(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT), 0);
	/* The kernel doubles it, for what it keeps beside the bytes. */
	expect_manner(fd, 4711, 2 * 8192);
	(void)close(fd);
	fd = open_at("127.0.0.1:0");
	ts_listen_set_manner(fd, &unbounded);
	expect_manner(fd, 0, usual_bytes);
	(void)close(fd);
}

/* What the kernel keeps of a connection: both queues, and what it has ready. */
static uint32_t
kept_bytes(int fd)
{
	uint32_t info[SK_MEMINFO_VARS] = { 0 };
	socklen_t size = sizeof(info);

	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &size),
	    0);
	return info[SK_MEMINFO_RMEM_ALLOC] + info[SK_MEMINFO_WMEM_QUEUED] +
	    info[SK_MEMINFO_FWD_ALLOC];
}

/* One whose window is small from the beginning. */
static int
connect_with_small_window(uint16_t port, int receive_bytes)
{
	const struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes,
			     sizeof(receive_bytes)),
	    0);
	assert_int_equal(
	    connect(fd, (const struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return fd;
}

static void
fill(int fd, size_t piece)
{
	static const char bytes[16384];

	while (send(fd, bytes, piece, MSG_DONTWAIT) > 0)
		continue;
	assert_int_equal(errno, EAGAIN);
}

/*
 * With a small window, in which little is in flight; in pieces of whatever
 * size it is sent.
 */
static void
a_connection_whose_peer_reads_nothing_keeps_little(void **state)
{
	static const struct ts_listen_manner manner = {
		.receive_buffer_bytes = 8192,
	};
	static const int windows_bytes[] = { 2304, 4096 };
	static const size_t pieces[] = { 200, 16384 };

	(void)state;
	for (size_t i = 0; i < 2 * sizeof(windows_bytes) / sizeof(int); i++) {
		int fd = open_at("127.0.0.1:0");
		int client;
		int server;

		ts_listen_set_manner(fd, &manner);
		client = connect_with_small_window(peers_port(fd),
		    windows_bytes[i / 2]);
		assert_true(process_has_input(fd, PROCESS_LIMIT_MS));
		server = accept(fd, NULL, NULL);
		fill(server, pieces[i % 2]);
		assert_in_range(kept_bytes(server), 1, KEPT_BYTES);
		/* Nor does it read. */
		fill(client, pieces[i % 2]);
		assert_in_range(kept_bytes(server), 1, KEPT_BYTES);
		(void)close(client);
		(void)close(server);
		(void)close(fd);
	}
}

static void
a_client_that_is_to_speak_first_is_held_back(void **state)
{
	static const struct ts_listen_manner manner = {
		.client_speaks_first = true,
	};
	int fd = open_at("127.0.0.1:0");
	int client;

	(void)state;
	ts_listen_set_manner(fd, &manner);
	client = peers_connect("127.0.0.1", peers_port(fd));
	assert_false(process_has_input(fd, 100));
	peers_send(client, "x");
	assert_true(process_has_input(fd, PROCESS_LIMIT_MS));
	(void)close(client);
	(void)close(fd);
}

/* Options of TCP are none of a unix socket's: no harm done. */
static void
a_unix_socket_has_no_manner(void **state)
{
	static const struct ts_listen_manner manner = {
		.user_timeout_ms = 4711,
		.receive_buffer_bytes = 8192,
		.client_speaks_first = true,
	};
	int fd = open_at(unix_text);
	int client;

	(void)state;
	ts_listen_set_manner(fd, &manner);
	client = peers_connect_unix(path);
	assert_true(process_has_input(fd, PROCESS_LIMIT_MS));
	(void)close(client);
	(void)close(fd);
}

static void
takes_a_listening_stream_socket_only(void **state)
{
	const struct sockaddr_in sin = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int pair[2];

	(void)state;
	assert_int_equal(ts_listen_check(-1), -EINVAL);
	assert_int_equal(ts_listen_check(fd), -EINVAL);
	assert_int_equal(bind(fd, (const struct sockaddr *)&sin, sizeof(sin)),
	    0);
	assert_int_equal(ts_listen_check(fd), -EINVAL);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(ts_listen_check(fd), 0);
	assert_true(process_is_cloexec(fd));
	assert_true((fcntl(fd, F_GETFL) & O_NONBLOCK) != 0);
	expect_text(fd, "0.0.0.0");
	(void)close(fd);
	assert_int_equal(pipe(pair), 0);
	assert_int_equal(ts_listen_check(pair[0]), -EINVAL);
	(void)close(pair[0]);
	(void)close(pair[1]);
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(ts_listen_check(fd), -EINVAL);
	(void)close(fd);
	peers_open_pair(&pair[0], &pair[1]);
	assert_int_equal(ts_listen_check(pair[1]), -EINVAL);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void
a_listener_for_packets_is_not_taken(void **state)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	(void)state;
	memcpy(sun.sun_path, path, sizeof(path));
	assert_int_equal(bind(fd, (const struct sockaddr *)&sun, sizeof(sun)),
	    0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(ts_listen_check(fd), -EINVAL);
	(void)close(fd);
}

static void
where_nothing_listens_has_no_address(void **state)
{
	struct ts_endpoint endpoint = { .scope = "untouched" };

	(void)state;
	assert_int_equal(ts_listen_endpoint(-1, &endpoint), -EBADF);
	assert_string_equal(endpoint.scope, "untouched");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listens_on_ipv4),
		cmocka_unit_test(listens_on_ipv6_alone),
		cmocka_unit_test(listens_on_every_address_of_both_families),
		cmocka_unit_test_teardown(listens_on_a_unix_socket,
		    remove_path),
		cmocka_unit_test(names_the_step_that_fails),
		cmocka_unit_test_teardown(a_dead_unix_socket_is_replaced,
		    remove_path),
		cmocka_unit_test_teardown(a_live_unix_socket_is_not,
		    remove_path),
		cmocka_unit_test_teardown(
		    a_unix_socket_with_a_full_queue_is_not, remove_path),
		cmocka_unit_test_teardown(a_file_in_the_way_is_not_removed,
		    remove_path),
		cmocka_unit_test_teardown(a_link_in_the_way_is_not_removed,
		    remove_path),
		cmocka_unit_test_teardown(
		    a_socket_of_another_kind_is_not_removed, remove_path),
		cmocka_unit_test(connections_inherit_their_manner),
		cmocka_unit_test(
		    a_connection_whose_peer_reads_nothing_keeps_little),
		cmocka_unit_test(a_client_that_is_to_speak_first_is_held_back),
		cmocka_unit_test_teardown(a_unix_socket_has_no_manner,
		    remove_path),
		cmocka_unit_test(takes_a_listening_stream_socket_only),
		cmocka_unit_test_teardown(a_listener_for_packets_is_not_taken,
		    remove_path),
		cmocka_unit_test(where_nothing_listens_has_no_address),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
