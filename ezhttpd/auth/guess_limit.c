/* SPDX-License-Identifier: MIT */
/* How many passwords a source may try in a second. */
#include "auth/guess_limit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* In front of what is no IPv6 address; no such address is a client's. */
#define IPV4_PREFIX (UINT64_C(0xffffffff) << 32)
#define USER_PREFIX (UINT64_C(0xfffffffe) << 32)

static uint64_t
source_of_ipv6(const char *text)
{
	char address[INET6_ADDRSTRLEN];
	unsigned char bytes[16] = { 0 };
	uint64_t source = 0;
	size_t n = strcspn(text, "%");

	if (n >= sizeof(address))
		return 0;
	memcpy(address, text, n);
	address[n] = '\0';
	(void)inet_pton(AF_INET6, address, bytes);
	for (int i = 0; i < 8; i++)
		source = source << 8 | bytes[i];
	return source;
}

uint64_t
guess_limit_source(const char *peer_text)
{
	static const char user[] = "uid ";
	struct in_addr ipv4;

	if (strncmp(peer_text, user, strlen(user)) == 0)
		return USER_PREFIX |
		    strtoul(peer_text + strlen(user), NULL, 10);
	if (inet_pton(AF_INET, peer_text, &ipv4) == 1)
		return IPV4_PREFIX | ntohl(ipv4.s_addr);
	return source_of_ipv6(peer_text);
}

/* Another process may have read a clock that is a little ahead. */
static bool
is_taken(int64_t end_ms, int64_t now_ms)
{
	return end_ms > now_ms && end_ms <= now_ms + 2 * GUESS_LIMIT_MS;
}

static uint32_t
count(struct guess_limit *limit, uint64_t source, int64_t now_ms)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < GUESS_LIMIT_ALL; i++) {
		struct guess_token *token = &limit->tokens[i];

		if (is_taken(atomic_load(&token->end_ms), now_ms) &&
		    atomic_load(&token->source) == source)
			n++;
	}
	return n;
}

/* Takes any that is free. */
static int
take_one(struct guess_limit *limit, uint64_t source, int64_t now_ms,
    struct guess_taken *ret_taken)
{
	const int64_t end_ms = now_ms + GUESS_LIMIT_MS;

	for (uint32_t i = 0; i < GUESS_LIMIT_ALL; i++) {
		struct guess_token *token = &limit->tokens[i];
		int64_t before_ms = atomic_load(&token->end_ms);

		if (is_taken(before_ms, now_ms) ||
		    !atomic_compare_exchange_strong(&token->end_ms, &before_ms,
			end_ms))
			continue;
		atomic_store(&token->source, source);
		*ret_taken = (struct guess_taken){ i, end_ms };
		return 0;
	}
	return -EAGAIN;
}

int
guess_limit_take(struct guess_limit *limit, uint64_t source, uint32_t most,
    int64_t now_ms, struct guess_taken *ret_taken)
{
	struct guess_taken taken;

	if (take_one(limit, source, now_ms, &taken) < 0)
		return -EAGAIN;
	/*
	 * Counted afterwards: of two that come at the same time one at least
	 * sees the other's.
	 */
	if (count(limit, source, now_ms) > most) {
		guess_limit_give_back(limit, &taken);
		return -EAGAIN;
	}
	*ret_taken = taken;
	return 0;
}

void
guess_limit_give_back(struct guess_limit *limit,
    const struct guess_taken *taken)
{
	int64_t end_ms = taken->end_ms;

	/* After its end it may be another's, whose end is later. */
	(void)atomic_compare_exchange_strong(
	    &limit->tokens[taken->index].end_ms, &end_ms, 0);
}
