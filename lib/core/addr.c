/* SPDX-License-Identifier: MIT */
/* The address of a peer, and its text. */
#include "core/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static struct ts_addr
from_ipv4(const struct sockaddr_in *sin)
{
	struct ts_addr addr = {
		.kind = TS_ADDR_IPV4,
		.port = ntohs(sin->sin_port),
	};

	memcpy(addr.bytes, &sin->sin_addr, sizeof(sin->sin_addr));
	return addr;
}

static struct ts_addr
from_ipv6(const struct sockaddr_in6 *sin6)
{
	struct ts_addr addr = { .port = ntohs(sin6->sin6_port) };

	if (IN6_IS_ADDR_V4MAPPED(&sin6->sin6_addr)) {
		addr.kind = TS_ADDR_IPV4;
		memcpy(addr.bytes, &sin6->sin6_addr.s6_addr[12], 4);
	} else {
		addr.kind = TS_ADDR_IPV6;
		addr.scope = sin6->sin6_scope_id;
		memcpy(addr.bytes, &sin6->sin6_addr, sizeof(addr.bytes));
	}
	return addr;
}

int
ts_addr_from_sockaddr(struct ts_addr *ret_addr, const struct sockaddr *sa,
    socklen_t sa_size)
{
	if (sa_size >= sizeof(struct sockaddr_in) && sa->sa_family == AF_INET)
		*ret_addr = from_ipv4((const struct sockaddr_in *)sa);
	else if (sa_size >= sizeof(struct sockaddr_in6) &&
	    sa->sa_family == AF_INET6)
		*ret_addr = from_ipv6((const struct sockaddr_in6 *)sa);
	else
		return -EAFNOSUPPORT;
	return 0;
}

struct ts_addr
ts_addr_from_uid(uint32_t uid)
{
	return (struct ts_addr){ .kind = TS_ADDR_LOCAL, .uid = uid };
}

void
ts_addr_format(const struct ts_addr *addr, char text[TS_ADDR_TEXT_SIZE])
{
	switch (addr->kind) {
	case TS_ADDR_IPV4:
		(void)inet_ntop(AF_INET, addr->bytes, text, TS_ADDR_TEXT_SIZE);
		break;
	case TS_ADDR_IPV6:
		(void)inet_ntop(AF_INET6, addr->bytes, text, TS_ADDR_TEXT_SIZE);
		break;
	case TS_ADDR_LOCAL:
		(void)snprintf(text, TS_ADDR_TEXT_SIZE, "uid %u", addr->uid);
		break;
	}
}
