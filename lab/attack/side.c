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
#define IPV6_ADDRESS_SIZE 40
/* Of the upper half of an address. */
#define IPV6_MOST_BITS 64

double
side_now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

void
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

static struct side_sources
ipv4_sources(const char *text)
{
	struct side_sources sources = { .count = 1, .step = 1 };
	char address[ADDRESS_SIZE];
	struct in_addr first;
	unsigned step = 1;
	uint64_t last;

	if (sscanf(text, "%15[0-9.],%u,%u", address, &sources.count, &step) <
		1 ||
	    inet_pton(AF_INET, address, &first) != 1 || sources.count == 0)
		refuse("not ADDRESS[,COUNT[,STEP]]", text);
	sources.first = ntohl(first.s_addr);
	sources.step = step;
	last = sources.first + (sources.count - 1) * sources.step;
	if (sources.first < LOOPBACK_FIRST || last > LOOPBACK_LAST)
		refuse("not within 127.0.0.0/8", text);
	return sources;
}

static uint64_t
from_network_order(const uint8_t bytes[8])
{
	uint64_t number = 0;

	for (unsigned i = 0; i < 8; i++)
		number = number << 8 | bytes[i];
	return number;
}

static void
to_network_order(uint64_t number, uint8_t ret_bytes[8])
{
	for (unsigned i = 8; i > 0; i--, number >>= 8)
		ret_bytes[i - 1] = (uint8_t)number;
}

static struct side_sources
ipv6_sources(const char *text)
{
	struct side_sources sources = { .is_ipv6 = true, .count = 1 };
	char address[IPV6_ADDRESS_SIZE];
	struct in6_addr first;
	unsigned bits = IPV6_MOST_BITS;

	if (sscanf(text, "%39[0-9a-f:],%u,/%u", address, &sources.count,
		&bits) < 1 ||
	    inet_pton(AF_INET6, address, &first) != 1 || sources.count == 0 ||
	    bits == 0 || bits > IPV6_MOST_BITS)
		refuse("not ADDRESS[,COUNT[,/BITS]]", text);
	sources.first = from_network_order(first.s6_addr);
	sources.host = from_network_order(first.s6_addr + 8);
	sources.step = UINT64_C(1) << (IPV6_MOST_BITS - bits);
	return sources;
}

struct side_sources
side_sources(const char *text)
{
	return strchr(text, ':') == NULL ? ipv4_sources(text)
					 : ipv6_sources(text);
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

/* A source, or where all connect to, as the kernel takes it. */
struct end {
	union {
		struct sockaddr any;
		struct sockaddr_in ipv4;
		struct sockaddr_in6 ipv6;
	} address;
	socklen_t size;
};

static struct end
source_end(const struct side_sources *sources, uint64_t turn)
{
	uint64_t number =
	    sources->first + turn % sources->count * sources->step;
	struct end end = { 0 };

	if (!sources->is_ipv6) {
		end.size = sizeof(end.address.ipv4);
		end.address.ipv4.sin_family = AF_INET;
		end.address.ipv4.sin_addr.s_addr = htonl((uint32_t)number);
		return end;
	}
	end.size = sizeof(end.address.ipv6);
	end.address.ipv6.sin6_family = AF_INET6;
	to_network_order(number, end.address.ipv6.sin6_addr.s6_addr);
	to_network_order(sources->host, end.address.ipv6.sin6_addr.s6_addr + 8);
	return end;
}

static struct end
server_end(bool is_ipv6, uint16_t port)
{
	struct end end = { 0 };

	if (!is_ipv6) {
		end.size = sizeof(end.address.ipv4);
		end.address.ipv4.sin_family = AF_INET;
		end.address.ipv4.sin_port = htons(port);
		end.address.ipv4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return end;
	}
	end.size = sizeof(end.address.ipv6);
	end.address.ipv6.sin6_family = AF_INET6;
	end.address.ipv6.sin6_port = htons(port);
	end.address.ipv6.sin6_addr = in6addr_loopback;
	return end;
}

/* No port is chosen yet; an address of IPv6 need not be an interface's. */
static int
bind_source(int fd, const struct side_sources *sources, uint64_t turn)
{
	struct end source = source_end(sources, turn);
	int on = 1;

	(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on,
	    sizeof(on));
	if (sources->is_ipv6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on,
		    sizeof(on));
	return bind(fd, &source.address.any, source.size);
}

int
side_connect(const struct side_sources *sources, uint64_t turn, uint16_t port,
    int receive_bytes)
{
	struct end server = server_end(sources->is_ipv6, port);
	int fd, error;

	fd = socket(server.address.any.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (receive_bytes > 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes,
		    sizeof(receive_bytes));
	if (bind_source(fd, sources, turn) == 0 &&
	    (connect(fd, &server.address.any, server.size) == 0 ||
		errno == EINPROGRESS))
		return fd;
	error = errno;
	(void)close(fd);
	return -error;
}
