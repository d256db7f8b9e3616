/* SPDX-License-Identifier: MIT */
/* Where a server listens: between text and the parts of an address. */
#include "core/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char unix_prefix[] = "unix:";

/* Decimal digits and nothing else, up to 65535. */
static int
parse_port(in_port_t *ret_port, const char *text)
{
	uint32_t port = 0;

	if (*text == '\0')
		return -EINVAL;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return -EINVAL;
		port = port * 10 + (uint32_t)(*text - '0');
		if (port > UINT16_MAX)
			return -EINVAL;
	}
	*ret_port = htons((uint16_t)port);
	return 0;
}

static int
parse_unix(struct ts_endpoint *endpoint, const char *path)
{
	size_t length = strlen(path);

	endpoint->kind = TS_ENDPOINT_UNIX;
	if (length == 0 || length >= sizeof(endpoint->address.sun.sun_path))
		return -EINVAL;
	endpoint->address.sun.sun_family = AF_UNIX;
	memcpy(endpoint->address.sun.sun_path, path, length + 1);
	return 0;
}

static int
parse_any(struct ts_endpoint *endpoint, const char *port)
{
	endpoint->kind = TS_ENDPOINT_ANY;
	endpoint->address.sin6.sin6_family = AF_INET6;
	endpoint->address.sin6.sin6_addr = in6addr_any;
	return parse_port(&endpoint->address.sin6.sin6_port, port);
}

/* `host` up to its end, "fe80::1%eth0". */
static int
parse_ipv6(struct ts_endpoint *endpoint, char *host, const char *port)
{
	char *scope = strchr(host, '%');

	endpoint->kind = TS_ENDPOINT_IPV6;
	if (scope != NULL) {
		size_t length = strlen(scope + 1);

		*scope = '\0';
		if (length == 0 || length >= sizeof(endpoint->scope))
			return -EINVAL;
		memcpy(endpoint->scope, scope + 1, length + 1);
	}
	endpoint->address.sin6.sin6_family = AF_INET6;
	if (inet_pton(AF_INET6, host, &endpoint->address.sin6.sin6_addr) != 1)
		return -EINVAL;
	return parse_port(&endpoint->address.sin6.sin6_port, port);
}

static int
parse_ipv4(struct ts_endpoint *endpoint, const char *host, const char *port)
{
	endpoint->kind = TS_ENDPOINT_IPV4;
	endpoint->address.sin.sin_family = AF_INET;
	if (inet_pton(AF_INET, host, &endpoint->address.sin.sin_addr) != 1)
		return -EINVAL;
	return parse_port(&endpoint->address.sin.sin_port, port);
}

/* "host:port", the host in brackets if it is IPv6. */
static int
parse_host_port(struct ts_endpoint *endpoint, const char *text)
{
	char host[INET6_ADDRSTRLEN + TS_ENDPOINT_SCOPE_SIZE + sizeof("[%]")];
	const char *colon = strrchr(text, ':');
	size_t length = colon != NULL ? (size_t)(colon - text) : 0;

	if (colon == NULL)
		return parse_any(endpoint, text);
	if (length == 0 || length >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, length);
	host[length] = '\0';
	if (strcmp(host, "*") == 0)
		return parse_any(endpoint, colon + 1);
	if (host[0] != '[')
		return parse_ipv4(endpoint, host, colon + 1);
	if (host[length - 1] != ']')
		return -EINVAL;
	host[length - 1] = '\0';
	return parse_ipv6(endpoint, host + 1, colon + 1);
}

int
ts_endpoint_parse(struct ts_endpoint *ret_endpoint, const char *text)
{
	struct ts_endpoint endpoint = { .kind = TS_ENDPOINT_ANY };
	int r;

	if (strncmp(text, unix_prefix, sizeof(unix_prefix) - 1) == 0)
		r = parse_unix(&endpoint, text + sizeof(unix_prefix) - 1);
	else
		r = parse_host_port(&endpoint, text);
	if (r < 0)
		return r;
	*ret_endpoint = endpoint;
	return 0;
}

socklen_t
ts_endpoint_size(const struct ts_endpoint *endpoint)
{
	switch (endpoint->kind) {
	case TS_ENDPOINT_IPV4:
		return sizeof(endpoint->address.sin);
	case TS_ENDPOINT_IPV6:
	case TS_ENDPOINT_ANY:
		return sizeof(endpoint->address.sin6);
	case TS_ENDPOINT_UNIX:
		return sizeof(endpoint->address.sun);
	}
	return 0;
}

int
ts_endpoint_from_sockaddr(struct ts_endpoint *ret_endpoint,
    const struct sockaddr *sa, socklen_t sa_size)
{
	struct ts_endpoint endpoint = { .kind = TS_ENDPOINT_IPV4 };

	if (sa_size > sizeof(endpoint.address))
		return -EAFNOSUPPORT;
	memcpy(&endpoint.address, sa, sa_size);
	switch (sa->sa_family) {
	case AF_INET:
		break;
	case AF_INET6:
		endpoint.kind = TS_ENDPOINT_IPV6;
		break;
	case AF_UNIX:
		endpoint.kind = TS_ENDPOINT_UNIX;
		break;
	default:
		return -EAFNOSUPPORT;
	}
	*ret_endpoint = endpoint;
	return 0;
}

void
ts_endpoint_format(const struct ts_endpoint *endpoint,
    char text[TS_ENDPOINT_TEXT_SIZE])
{
	const struct sockaddr_in *sin = &endpoint->address.sin;
	const struct sockaddr_in6 *sin6 = &endpoint->address.sin6;
	char host[INET6_ADDRSTRLEN] = "";

	switch (endpoint->kind) {
	case TS_ENDPOINT_IPV4:
		(void)inet_ntop(AF_INET, &sin->sin_addr, host, sizeof(host));
		(void)snprintf(text, TS_ENDPOINT_TEXT_SIZE, "%s:%u", host,
		    ntohs(sin->sin_port));
		break;
	case TS_ENDPOINT_IPV6:
		(void)inet_ntop(AF_INET6, &sin6->sin6_addr, host, sizeof(host));
		(void)snprintf(text, TS_ENDPOINT_TEXT_SIZE, "[%s]:%u", host,
		    ntohs(sin6->sin6_port));
		break;
	case TS_ENDPOINT_ANY:
		(void)snprintf(text, TS_ENDPOINT_TEXT_SIZE, "*:%u",
		    ntohs(sin6->sin6_port));
		break;
	case TS_ENDPOINT_UNIX:
		(void)snprintf(text, TS_ENDPOINT_TEXT_SIZE, "%s%s", unix_prefix,
		    endpoint->address.sun.sun_path);
		break;
	}
}

bool
ts_endpoint_is_privileged(const struct ts_endpoint *endpoint)
{
	unsigned port = 0;

	switch (endpoint->kind) {
	case TS_ENDPOINT_IPV4:
		port = ntohs(endpoint->address.sin.sin_port);
		break;
	case TS_ENDPOINT_IPV6:
	case TS_ENDPOINT_ANY:
		port = ntohs(endpoint->address.sin6.sin6_port);
		break;
	case TS_ENDPOINT_UNIX:
		break;
	}
	return port > 0 && port < IPPORT_RESERVED;
}
