/* SPDX-License-Identifier: MIT */
/* What the client side of the attack lab has in common. */
#include "side.h"

#include <sys/resource.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LOOPBACK_FIRST 0x7f000001u
#define LOOPBACK_LAST 0x7ffffffeu
#define ADDRESS_SIZE 16

double
side_now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

_Noreturn void
side_die(const char *step)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, step,
	    strerror(errno));
	exit(EXIT_FAILURE);
}

static _Noreturn void
refuse(const char *what, const char *text)
{
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
	    text);
	exit(2);
}

uint64_t
side_number(const char *text, uint64_t least, uint64_t most)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 ||
	    number < least || number > most)
		refuse("not a number in bounds", text);
	return number;
}

struct side_sources
side_sources(const char *text)
{
	struct side_sources sources = { .count = 1, .step = 1 };
	char address[ADDRESS_SIZE];
	struct in_addr first;
	uint64_t last;

	if (sscanf(text, "%15[0-9.],%u,%u", address, &sources.count,
		&sources.step) < 1 ||
	    inet_pton(AF_INET, address, &first) != 1 || sources.count == 0)
		refuse("not ADDRESS[,COUNT[,STEP]]", text);
	sources.first = ntohl(first.s_addr);
	last = sources.first + (uint64_t)(sources.count - 1) * sources.step;
	if (sources.first < LOOPBACK_FIRST || last > LOOPBACK_LAST)
		refuse("not within 127.0.0.0/8", text);
	return sources;
}

void
side_raise_descriptor_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		side_die("getrlimit");
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		side_die("setrlimit");
}

static int
bind_source(int fd, uint32_t address)
{
	struct sockaddr_in source = { .sin_family = AF_INET };
	int on = 1;

	source.sin_addr.s_addr = htonl(address);
	(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on,
	    sizeof(on));
	return bind(fd, (struct sockaddr *)&source, sizeof(source));
}

int
side_connect(const struct side_sources *sources, uint64_t turn, uint16_t port,
    int receive_bytes)
{
	struct sockaddr_in server = { .sin_family = AF_INET };
	uint32_t step = (uint32_t)(turn % sources->count) * sources->step;
	int fd, error;

	fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (receive_bytes > 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes,
		    sizeof(receive_bytes));
	server.sin_port = htons(port);
	server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind_source(fd, sources->first + step) == 0 &&
	    (connect(fd, (struct sockaddr *)&server, sizeof(server)) == 0 ||
		errno == EINPROGRESS))
		return fd;
	error = errno;
	(void)close(fd);
	return -error;
}
