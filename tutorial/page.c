/* SPDX-License-Identifier: MIT */
#include "page.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PORT_DEFAULT 8080
#define PORT_HIGHEST 65535

#define REQUEST_BYTES 1024
#define HEAD_BYTES 256

/* Bounds on reading what a client still sends after its answer. */
#define DRAIN_MS 1000
#define DRAIN_BYTES 65536

static const char head_format[] =
    "HTTP/1.0 200 OK\r\n"
    "Server: ezhttpd(IPA Secure Programming Sample Program)\r\n"
    "Content-Type: text/html\r\n"
    "Content-Length: %zu\r\n"
    "Connection: close\r\n"
    "\r\n";

static const char body[] =
    "<HTML>\r\n"
    "<HEAD><TITLE>IPA Secure Programming - EZHTTPD</TITLE></HEAD>\r\n"
    "<BODY>\r\n"
    "<H1>IPA Secure Programming - EZHTTPD</H1>\r\n"
    "This page is from the EZHTTPD sample web server.\r\n"
    "</BODY>\r\n"
    "</HTML>\r\n";

unsigned short
page_port(int argc, char *argv[])
{
	char *end;
	long port;

	if (argc == 1)
		return PORT_DEFAULT;
	errno = 0;
	port = strtol(argv[1], &end, 10);
	if (argc != 2 || end == argv[1] || *end != '\0' || errno != 0 ||
	    port < 0 || port > PORT_HIGHEST) {
		(void)fprintf(stderr, "usage: %s [port]\n", argv[0]);
		exit(2);
	}
	return (unsigned short)port;
}

void
page_announce(const TCPSERVER_INFO *server)
{
	const struct sockaddr_in *address = &server->server_addr;
	char host[INET_ADDRSTRLEN];

	(void)inet_ntop(AF_INET, &address->sin_addr, host, sizeof(host));
	printf("listening on http://%s:%u/\n", host, ntohs(address->sin_port));
	(void)fflush(stdout);
}

static long
now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* MSG_NOSIGNAL: a client that has gone is an error here, not a SIGPIPE. */
static int
send_all(int fd, const char *data, size_t bytes)
{
	ssize_t n;

	while (bytes > 0) {
		n = send(fd, data, bytes, MSG_NOSIGNAL);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		data += n;
		bytes -= (size_t)n;
	}
	return 0;
}

static int
send_page(int fd)
{
	char answer[HEAD_BYTES + sizeof(body)];
	int bytes;

	bytes = snprintf(answer, sizeof(answer), head_format, sizeof(body) - 1);
	(void)memcpy(answer + bytes, body, sizeof(body) - 1);
	return send_all(fd, answer, (size_t)bytes + sizeof(body) - 1);
}

/*
 * A socket that is closed with something unread in it cuts the connection
 * with a reset, and a reset overtakes the answer.  So finish() ends the
 * sending direction, and reads what the client still sends until it closes
 * too, within the bounds above.
 */
static void
finish(int fd)
{
	char unwanted[4096];
	long end_ms = now_ms() + DRAIN_MS;
	size_t drained = 0;
	ssize_t n = 1;

	if (shutdown(fd, SHUT_WR) == -1)
		return;
	while (n > 0 && drained < DRAIN_BYTES) {
		struct pollfd input = { .fd = fd, .events = POLLIN };
		long left_ms = end_ms - now_ms();

		if (left_ms <= 0 || poll(&input, 1, (int)left_ms) <= 0)
			return;
		n = recv(fd, unwanted, sizeof(unwanted), MSG_DONTWAIT);
		if (n > 0)
			drained += (size_t)n;
	}
}

int
page_serve(TCPCLIENT_INFO *client)
{
	char request[REQUEST_BYTES];
	ssize_t n;

	n = recv(client->data_socket, request, sizeof(request), 0);
	if (n <= 0)
		return 1;
	if (send_page(client->data_socket) == -1)
		return 1;
	finish(client->data_socket);
	return 0;
}
