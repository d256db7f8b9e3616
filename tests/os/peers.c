/* SPDX-License-Identifier: MIT */
/* Both ends of a connection, for tests: clients, and how they see the end. */
#include "peers.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "forked.h"

uint16_t
peers_port(int fd)
{
	struct sockaddr_in6 address;
	socklen_t size = sizeof(address);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size),
	    0);
	/* The port stands at the same place in both families. */
	return ntohs(address.sin6_port);
}

int
peers_connect(const char *host, uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_port = htons(port) };
	struct sockaddr_in6 sin6 = { .sin6_family = AF_INET6,
		.sin6_port = htons(port) };
	int is_ipv4 = inet_pton(AF_INET, host, &sin.sin_addr) == 1;
	int fd;

	if (!is_ipv4)
		assert_int_equal(inet_pton(AF_INET6, host, &sin6.sin6_addr), 1);
	fd =
	    socket(is_ipv4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(is_ipv4
		? connect(fd, (const struct sockaddr *)&sin, sizeof(sin))
		: connect(fd, (const struct sockaddr *)&sin6, sizeof(sin6)),
	    0);
	return fd;
}

int
peers_connect_from(const char *source, uint16_t port)
{
	struct sockaddr_in from = { .sin_family = AF_INET };
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) },
		.sin_port = htons(port) };
	int fd;

	assert_int_equal(inet_pton(AF_INET, source, &from.sin_addr), 1);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&from, sizeof(from)),
	    0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)),
	    0);
	return fd;
}

int
peers_connect_unix(const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd;

	assert_true(strlen(path) < sizeof(sun.sun_path));
	memcpy(sun.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(
	    connect(fd, (const struct sockaddr *)&sun, sizeof(sun)), 0);
	return fd;
}

void
peers_open_pair(int *ret_client, int *ret_server)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(listener >= 0);
	assert_int_equal(
	    bind(listener, (const struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(listen(listener, 1), 0);
	*ret_client = peers_connect("127.0.0.1", peers_port(listener));
	*ret_server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(*ret_server >= 0);
	(void)close(listener);
}

void
peers_send(int fd, const char *text)
{
	size_t size = strlen(text);

	assert_int_equal(send(fd, text, size, MSG_NOSIGNAL), size);
}

int
peers_read_to_end(int fd, char *text, size_t size, int limit_ms)
{
	size_t used = 0;
	ssize_t n;

	for (;;) {
		text[used] = '\0';
		if (!process_has_input(fd, limit_ms))
			return -ETIMEDOUT;
		assert_true(used + 1 < size);
		n = recv(fd, text + used, size - used - 1, 0);
		if (n <= 0)
			return n < 0 ? -errno : 0;
		used += (size_t)n;
	}
}
