/* SPDX-License-Identifier: MIT */
/* A host and perhaps a port, as in Host and in an absolute target; pure. */
#include "http/authority.h"

#include <arpa/inet.h>
#include <string.h>

/* Largest port. */
#define PORT_MAX 65535

/* Nothing, or a colon and a port. */
static bool
is_port(struct piece text)
{
	unsigned port = 0;
	size_t i;

	if (text.n == 0)
		return true;
	if (text.bytes[0] != ':')
		return false;
	for (i = 1; i < text.n; i++) {
		if (!piece_is_digit(text.bytes[i]))
			return false;
		port = port * 10 + (unsigned)(text.bytes[i] - '0');
		if (port > PORT_MAX)
			return false;
	}
	return true;
}

/*
 * How many bytes at the front are an IPv6 address in brackets; 0 where there is
 * none.
 */
static size_t
address_bytes(struct piece text)
{
	struct piece rest;
	char address[INET6_ADDRSTRLEN];
	struct in6_addr ignored;
	size_t n;

	if (text.n == 0 || text.bytes[0] != '[')
		return 0;
	rest = (struct piece){ text.bytes + 1, text.n - 1 };
	n = piece_span(rest, PIECE_IN_ADDRESS);
	if (n >= sizeof(address) || n == rest.n || rest.bytes[n] != ']')
		return 0;
	memcpy(address, rest.bytes, n);
	address[n] = '\0';
	return inet_pton(AF_INET6, address, &ignored) == 1 ? n + 2 : 0;
}

/* The same for a name; no label but the last one is empty. */
static size_t
name_bytes(struct piece text)
{
	const size_t n = piece_span(text, PIECE_IN_HOST);
	size_t i;

	for (i = 0; i < n; i++) {
		if (text.bytes[i] == '.' &&
		    (i == 0 || text.bytes[i - 1] == '.'))
			return 0;
	}
	return n;
}

static size_t
host_bytes(struct piece text)
{
	const size_t n = address_bytes(text);

	return n > 0 ? n : name_bytes(text);
}

bool
authority_is_good(struct piece text)
{
	const size_t n = host_bytes(text);

	return n > 0 && is_port((struct piece){ text.bytes + n, text.n - n });
}

bool
authority_host(char ret_host[AUTHORITY_HOST_SIZE], struct piece text)
{
	size_t n = host_bytes(text);
	size_t i;

	if (n > 0 && text.bytes[n - 1] == '.')
		n--;
	if (n == 0 || n >= AUTHORITY_HOST_SIZE)
		return false;
	for (i = 0; i < n; i++)
		ret_host[i] = piece_lower(text.bytes[i]);
	ret_host[n] = '\0';
	return true;
}
