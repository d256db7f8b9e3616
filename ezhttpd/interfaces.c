/* SPDX-License-Identifier: MIT */
/* The addresses by which others reach this machine. */
#include "interfaces.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* 169.254.0.0/16 (RFC 3927). */
#define LINK_LOCAL_NET 0xa9fe0000
#define LINK_LOCAL_MASK 0xffff0000

static bool
is_link_local(struct in_addr address)
{
	return (ntohl(address.s_addr) & LINK_LOCAL_MASK) == LINK_LOCAL_NET;
}

/* Writes the address; returns false where it is not for others. */
static bool
format(char *host, const struct sockaddr *address)
{
	struct sockaddr_in sin;
	struct sockaddr_in6 sin6;

	if (address->sa_family == AF_INET) {
		memcpy(&sin, address, sizeof(sin));
		return !is_link_local(sin.sin_addr) &&
		    inet_ntop(AF_INET, &sin.sin_addr, host, INET6_ADDRSTRLEN) !=
		    NULL;
	}
	if (address->sa_family != AF_INET6)
		return false;
	memcpy(&sin6, address, sizeof(sin6));
	return !IN6_IS_ADDR_LINKLOCAL(&sin6.sin6_addr) &&
	    inet_ntop(AF_INET6, &sin6.sin6_addr, host, INET6_ADDRSTRLEN) !=
	    NULL;
}

int
interfaces_read(struct interfaces *ret_interfaces)
{
	struct ifaddrs *all;
	struct ifaddrs *one;
	unsigned n = 0;

	if (getifaddrs(&all) < 0)
		return -errno;
	for (one = all; one != NULL && n < INTERFACES_HOSTS;
	     one = one->ifa_next) {
		if (one->ifa_addr == NULL || (one->ifa_flags & IFF_UP) == 0 ||
		    (one->ifa_flags & IFF_LOOPBACK) != 0)
			continue;
		if (format(ret_interfaces->hosts[n], one->ifa_addr))
			n++;
	}
	ret_interfaces->count = n;
	freeifaddrs(all);
	return 0;
}
