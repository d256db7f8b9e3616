/* SPDX-License-Identifier: MIT */
/*
 * The networks that an address belongs to, from wide to narrow: what admission
 * weighs.
 *
 *	IPv4	/16 /24 /32
 *	IPv6	/32 /40 /48 /56 /64
 *	fe80::	the interface, the address
 *	unix	the user
 *
 * An IPv4 address that is mapped into IPv6, or translated (64:ff9b::/96, RFC
 * 6052), counts as IPv4.  The narrowest network of a chain is called the source
 * of its connections.
 */
#ifndef TS_CORE_NETWORK_H
#define TS_CORE_NETWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/addr.h"

/* Most networks in a chain. */
#define TS_NETWORK_LEVELS 5

/* Longest text of a network, with its end. */
#define TS_NETWORK_TEXT_SIZE 64

/*
 * One network.  Two are the same if both words are: `kind` holds the kind of
 * address, the length of the prefix and the interface, `bits` the prefix.
 */
struct ts_network {
	uint64_t kind;
	uint64_t bits;
};

/* networks[0] is the widest, networks[count - 1] the source; count > 0. */
struct ts_chain {
	struct ts_network networks[TS_NETWORK_LEVELS];
	unsigned count;
};

/* The networks that `addr` belongs to. */
void ts_chain_of(struct ts_chain *ret_chain, const struct ts_addr *addr);

static inline struct ts_network
ts_chain_source(const struct ts_chain *chain)
{
	return chain->networks[chain->count - 1];
}

static inline bool
ts_network_is_same(struct ts_network a, struct ts_network b)
{
	return a.kind == b.kind && a.bits == b.bits;
}

/*
 * Writes a network as people write it: "192.0.2.1", "192.0.2.0/24",
 * "2001:db8::/48", "fe80::1 on interface 2", "uid 1000".
 */
void ts_network_format(struct ts_network network,
    char text[TS_NETWORK_TEXT_SIZE]);

#endif
