/* SPDX-License-Identifier: MIT */
/* What the header promises of init, open and close, on real sockets. */
#include <sys/resource.h>
#include <sys/syscall.h>

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "apart.h"
#include "loopback.h"

/* What listen() below reports before it does its work, or 0. */
static int injected_error;

int
listen(int fd, int backlog)
{
	if (injected_error != 0) {
		errno = injected_error;
		return -1;
	}
	return (int)syscall(SYS_listen, fd, backlog);
}

static void
init_body(void)
{
	TCPSERVER_INFO server;

	(void)memset(&server, 0x55, sizeof(server));
	tcpserver_init(&server, 0x7f000001, 8080);
	assert(server.wait_socket == -1);
	assert(server.server_addr.sin_family == AF_INET);
	assert(server.server_addr.sin_port == htons(8080));
	assert(server.server_addr.sin_addr.s_addr == inet_addr("127.0.0.1"));
	for (size_t i = 0; i < sizeof(server.server_addr.sin_zero); i++)
		assert(server.server_addr.sin_zero[i] == 0);
	tcpserver_close(&server);
	assert(server.wait_socket == -1);
}

static void
open_body(void)
{
	TCPSERVER_INFO server;
	struct tcp_info info;
	socklen_t bytes = sizeof(info);

	loopback_open(&server);
	assert(server.server_addr.sin_port != 0);
	assert((fcntl(server.wait_socket, F_GETFD) & FD_CLOEXEC) != 0);
	/* Of a listening socket, this is the length of the queue. */
	assert(getsockopt(server.wait_socket, IPPROTO_TCP, TCP_INFO, &info,
		   &bytes) == 0);
	assert(info.tcpi_sacked >= 128);
	tcpserver_close(&server);
}

static void
socket_fails_body(void)
{
	const struct rlimit none = { 0, 0 };
	TCPSERVER_INFO server;

	tcpserver_init(&server, INADDR_LOOPBACK, 0);
	assert(setrlimit(RLIMIT_NOFILE, &none) == 0);
	assert(tcpserver_open(&server) == 0);
	assert(server.wait_socket == -1);
	tcpserver_close(&server);
}

static void
bind_fails_body(void)
{
	TCPSERVER_INFO first;
	TCPSERVER_INFO second;
	int lowest;

	loopback_open(&first);
	lowest = dup(0);
	(void)close(lowest);
	tcpserver_init(&second, INADDR_LOOPBACK,
	    ntohs(first.server_addr.sin_port));
	assert(tcpserver_open(&second) == 0);
	assert(second.wait_socket == -1);
	tcpserver_close(&second);
	assert(!loopback_is_open(lowest));
	assert(loopback_is_open(first.wait_socket));
}

static void
listen_fails_body(void)
{
	TCPSERVER_INFO server;

	tcpserver_init(&server, INADDR_LOOPBACK, 0);
	injected_error = EADDRINUSE;
	assert(tcpserver_open(&server) == 0);
	assert(server.wait_socket == -1);
}

/* Whoever closes first keeps the address in TIME_WAIT. */
static void
time_wait_body(void)
{
	TCPSERVER_INFO server;
	TCPCLIENT_INFO client;
	char byte;
	int fd;

	loopback_open(&server);
	fd = loopback_connect(&server);
	assert(tcpserver_wait(&server, &client) == 1);
	tcpclient_close(&client);
	assert(read(fd, &byte, 1) == 0);
	(void)close(fd);
	tcpserver_close(&server);
	assert(tcpserver_open(&server) == 1);
}

static void
close_body(void)
{
	TCPSERVER_INFO server;
	TCPCLIENT_INFO client;
	int fd;
	int listener;
	int connection;

	loopback_open(&server);
	fd = loopback_connect(&server);
	assert(tcpserver_wait(&server, &client) == 1);
	listener = server.wait_socket;
	connection = client.data_socket;
	tcpclient_close(&client);
	tcpserver_close(&server);
	assert(client.data_socket == -1 && server.wait_socket == -1);
	assert(!loopback_is_open(listener) && !loopback_is_open(connection));
	/* Once more: what has these numbers now must stay open. */
	assert(dup2(fd, listener) == listener);
	assert(dup2(fd, connection) == connection);
	tcpclient_close(&client);
	tcpserver_close(&server);
	assert(loopback_is_open(listener) && loopback_is_open(connection));
}

static void
no_shutdown_body(void)
{
	TCPSERVER_INFO server;
	TCPSERVER_INFO other;
	TCPCLIENT_INFO client;
	int connection;
	char byte = 0;
	int fd;

	loopback_open(&server);
	other = server;
	other.wait_socket = dup(server.wait_socket);
	tcpserver_close(&server);
	fd = loopback_connect(&other);
	assert(tcpserver_wait(&other, &client) == 1);
	connection = dup(client.data_socket);
	tcpclient_close(&client);
	assert(write(connection, "x", 1) == 1);
	assert(read(fd, &byte, 1) == 1 && byte == 'x');
}

static const struct apart_promise promises[] = {
	{ "init: host byte order, no socket", init_body, NULL },
	{ "open: real port, close-on-exec, long queue", open_body, NULL },
	{ "open: socket fails", socket_fails_body, ": socket: " },
	{ "open: bind fails", bind_fails_body, ": bind 127.0.0.1:" },
	{ "open: listen fails", listen_fails_body, ": listen 127.0.0.1:" },
	{ "open: at once again on the same port", time_wait_body, NULL },
	{ "close: twice is harmless", close_body, NULL },
	{ "close: another copy still works", no_shutdown_body, NULL },
};

#define PROMISES (sizeof(promises) / sizeof(promises[0]))

int
main(void)
{
	struct CMUnitTest tests[PROMISES];

	for (size_t i = 0; i < PROMISES; i++) {
		tests[i] = (struct CMUnitTest){
			.name = promises[i].words,
			.test_func = apart_keeps_promise,
			.initial_state = (void *)(uintptr_t)&promises[i],
		};
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
