/* SPDX-License-Identifier: MIT */
/*
 * Where a server listens: between text and the parts of an address.
 */
#ifndef TS_CORE_ENDPOINT_H
#define TS_CORE_ENDPOINT_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

enum ts_endpoint_kind {
	TS_ENDPOINT_IPV4,
	TS_ENDPOINT_IPV6,
	/* Every address of this host, IPv6 and IPv4. */
	TS_ENDPOINT_ANY,
	TS_ENDPOINT_UNIX,
};

/* Longest name of a network interface, with its end (IF_NAMESIZE). */
#define TS_ENDPOINT_SCOPE_SIZE 16

struct ts_endpoint {
	enum ts_endpoint_kind kind;
	union {
		struct sockaddr sa;
		struct sockaddr_in sin;
		/* Also for TS_ENDPOINT_ANY. */
		struct sockaddr_in6 sin6;
		struct sockaddr_un sun;
	} address;
	/* The interface after '%', still to be looked up; mostly empty. */
	char scope[TS_ENDPOINT_SCOPE_SIZE];
};

/* Longest text of an endpoint, with its end. */
#define TS_ENDPOINT_TEXT_SIZE (sizeof(struct sockaddr_un) + sizeof("unix:"))

/*
 * "192.0.2.1:80", "[2001:db8::1]:80", "[fe80::1%eth0]:80", "*:80", "80",
 * "unix:/path".  Returns 0, or -EINVAL.
 */
int ts_endpoint_parse(struct ts_endpoint *ret_endpoint, const char *text);

/* How many bytes of the address count, for bind(2). */
socklen_t ts_endpoint_size(const struct ts_endpoint *endpoint);

/*
 * The endpoint of a socket that is bound to `sa`.
 * Returns 0, or -EAFNOSUPPORT.
 */
int ts_endpoint_from_sockaddr(struct ts_endpoint *ret_endpoint,
    const struct sockaddr *sa, socklen_t sa_size);

/* Back to text, in a form ts_endpoint_parse() takes; no scope. */
void ts_endpoint_format(const struct ts_endpoint *endpoint,
    char text[TS_ENDPOINT_TEXT_SIZE]);

/*
 * Returns whether it has a port below 1024, which the kernel keeps for root;
 * 0 stands for any free one.
 */
bool ts_endpoint_is_privileged(const struct ts_endpoint *endpoint);

#endif
