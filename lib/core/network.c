/* SPDX-License-Identifier: MIT */
/* The networks that an address belongs to, from wide to narrow. */
#include "core/network.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

/* Beyond the kinds of addresses: one whose interface belongs to it. */
#define KIND_LINK_LOCAL 4
/* The prefix of an IPv4 address that was translated, RFC 6052. */
static const uint8_t translated[12] = { 0x00, 0x64, 0xff, 0x9b };

static const unsigned ipv4_lengths[] = { 16, 24, 32 };
static const unsigned ipv6_lengths[] = { 32, 40, 48, 56, 64 };
/* Of a link-local address: its interface alone; and its lower half as well. */
static const unsigned link_local_lengths[] = { 0, 64 };
static const unsigned user_lengths[] = { 32 };

static uint64_t
leading_bits(const uint8_t *bytes, unsigned count)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < count; i++)
		bits = bits << 8 | bytes[i];
	return bits;
}

/* Networks of `bits`, which is `width` bits wide, by these prefix lengths. */
static void
fill(struct ts_chain *chain, uint64_t kind, uint64_t bits, unsigned width,
    const unsigned *lengths, unsigned count)
{
	chain->count = count;
	for (unsigned i = 0; i < count; i++)
		chain->networks[i] = (struct ts_network){
			.kind = kind | (uint64_t)lengths[i] << 8,
			.bits =
			    lengths[i] == 0 ? 0 : bits >> (width - lengths[i]),
		};
}

static void
fill_ipv6(struct ts_chain *chain, const struct ts_addr *addr)
{
	const uint8_t *bytes = addr->bytes;

	if (memcmp(bytes, translated, sizeof(translated)) == 0)
		fill(chain, TS_ADDR_IPV4,
		    leading_bits(bytes + sizeof(translated), 4), 32,
		    ipv4_lengths, 3);
	else if (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80)
		fill(chain, KIND_LINK_LOCAL | (uint64_t)addr->scope << 32,
		    leading_bits(bytes + 8, 8), 64, link_local_lengths, 2);
	else
		fill(chain, TS_ADDR_IPV6, leading_bits(bytes, 8), 64,
		    ipv6_lengths, 5);
}

void
ts_chain_of(struct ts_chain *ret_chain, const struct ts_addr *addr)
{
	switch (addr->kind) {
	case TS_ADDR_IPV4:
		fill(ret_chain, TS_ADDR_IPV4, leading_bits(addr->bytes, 4), 32,
		    ipv4_lengths, 3);
		break;
	case TS_ADDR_IPV6:
		fill_ipv6(ret_chain, addr);
		break;
	case TS_ADDR_LOCAL:
		fill(ret_chain, TS_ADDR_LOCAL, addr->uid, 32, user_lengths, 1);
		break;
	}
}

static void
format_prefix(int family, const uint8_t *bytes, unsigned length, unsigned width,
    char text[TS_NETWORK_TEXT_SIZE])
{
	size_t n;

	(void)inet_ntop(family, bytes, text, TS_NETWORK_TEXT_SIZE);
	n = strlen(text);
	if (length < width)
		(void)snprintf(text + n, TS_NETWORK_TEXT_SIZE - n, "/%u",
		    length);
}

static void
format_link_local(struct ts_network network, unsigned length,
    char text[TS_NETWORK_TEXT_SIZE])
{
	uint8_t bytes[16] = { 0xfe, 0x80 };
	char name[INET6_ADDRSTRLEN] = "fe80::/64";

	for (unsigned i = 0; i < 8; i++)
		bytes[8 + i] = (uint8_t)(network.bits >> 8 * (7 - i));
	if (length != 0)
		(void)inet_ntop(AF_INET6, bytes, name, sizeof(name));
	(void)snprintf(text, TS_NETWORK_TEXT_SIZE, "%s on interface %u", name,
	    (unsigned)(network.kind >> 32));
}

void
ts_network_format(struct ts_network network, char text[TS_NETWORK_TEXT_SIZE])
{
	unsigned length = (network.kind >> 8) & 0xff;
	unsigned width = (network.kind & 0xff) == TS_ADDR_IPV4 ? 32 : 64;
	uint64_t bits = length == 0 ? 0 : network.bits << (width - length);
	uint8_t bytes[16] = { 0 };

	for (unsigned i = 0; i < width / 8; i++)
		bytes[i] = (uint8_t)(bits >> (width - 8 - 8 * i));
	switch (network.kind & 0xff) {
	case TS_ADDR_IPV4:
		format_prefix(AF_INET, bytes, length, 32, text);
		break;
	case TS_ADDR_IPV6:
		format_prefix(AF_INET6, bytes, length, 128, text);
		break;
	case KIND_LINK_LOCAL:
		format_link_local(network, length, text);
		break;
	default:
		(void)snprintf(text, TS_NETWORK_TEXT_SIZE, "uid %u",
		    (unsigned)network.bits);
		break;
	}
}
