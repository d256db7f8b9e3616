/* SPDX-License-Identifier: MIT */
/* SipHash-2-4 of two words. */
#include "core/siphash.h"

#include <stddef.h>

struct state {
	uint64_t v0, v1, v2, v3;
};

static uint64_t
rotate(uint64_t word, unsigned bits)
{
	return word << bits | word >> (64 - bits);
}

static void
rounds(struct state *s, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		s->v0 += s->v1;
		s->v2 += s->v3;
		s->v1 = rotate(s->v1, 13) ^ s->v0;
		s->v3 = rotate(s->v3, 16) ^ s->v2;
		s->v0 = rotate(s->v0, 32);
		s->v2 += s->v1;
		s->v0 += s->v3;
		s->v1 = rotate(s->v1, 17) ^ s->v2;
		s->v3 = rotate(s->v3, 21) ^ s->v0;
		s->v2 = rotate(s->v2, 32);
	}
}

static void
absorb(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	rounds(s, 2);
	s->v0 ^= word;
}

uint64_t
ts_siphash(const struct ts_siphash_key *key, uint64_t a, uint64_t b)
{
	/* The constants are the ASCII of "somepseudorandomlygeneratedbytes". */
	struct state s = {
		.v0 = key->words[0] ^ 0x736f6d6570736575,
		.v1 = key->words[1] ^ 0x646f72616e646f6d,
		.v2 = key->words[0] ^ 0x6c7967656e657261,
		.v3 = key->words[1] ^ 0x7465646279746573,
	};

	absorb(&s, a);
	absorb(&s, b);
	/* The last word holds the length, 16 bytes, in its highest byte. */
	absorb(&s, (uint64_t)16 << 56);
	s.v2 ^= 0xff;
	rounds(&s, 4);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}
