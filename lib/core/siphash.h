/* SPDX-License-Identifier: MIT */
/*
 * SipHash-2-4 of two words: a hash whose collisions nobody can find who does
 * not know the key (Aumasson and Bernstein, 2012).
 */
#ifndef TS_CORE_SIPHASH_H
#define TS_CORE_SIPHASH_H

#include <stdint.h>

/* The secret: 128 random bits. */
struct ts_siphash_key {
	uint64_t words[2];
};

/* The hash of the 16 bytes of `a` and then `b`, each little-endian. */
uint64_t ts_siphash(const struct ts_siphash_key *key, uint64_t a, uint64_t b);

#endif
