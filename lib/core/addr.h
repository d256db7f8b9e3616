/* SPDX-License-Identifier: MIT */
/* The address of a peer, and its text. */
#ifndef TS_CORE_ADDR_H
#define TS_CORE_ADDR_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

enum ts_addr_kind {
	TS_ADDR_IPV4 = 1,
	TS_ADDR_IPV6,
	TS_ADDR_LOCAL,
};

/*
 * A peer.  An IPv6 address that only maps an IPv4 one is kept as IPv4, so
 * that a host is the same peer whichever socket it came through.
 */
struct ts_addr {
	enum ts_addr_kind kind;
	/* In network order; the first 4 for IPv4. */
	uint8_t bytes[16];
	/* In host order; 0 for a local peer. */
	uint16_t port;
	/* Only for a local peer. */
	uint32_t uid;
	/* The interface of a link-local IPv6 address, or 0. */
	uint32_t scope;
};

/* Longest text of an address, with its end. */
#define TS_ADDR_TEXT_SIZE 48

/* A peer on TCP.  Returns 0, or -EAFNOSUPPORT. */
int ts_addr_from_sockaddr(struct ts_addr *ret_addr, const struct sockaddr *sa,
    socklen_t sa_size);

/* A peer on a unix socket. */
struct ts_addr ts_addr_from_uid(uint32_t uid);

/* The address without the port: "192.0.2.1", "2001:db8::1", "uid 1000". */
void ts_addr_format(const struct ts_addr *addr, char text[TS_ADDR_TEXT_SIZE]);

#endif
