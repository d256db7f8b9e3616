/* SPDX-License-Identifier: MIT */
/*
 * A stream of numbers for random histories: the same one in every run, so
 * that a failure comes again (SplitMix64).
 */
#ifndef TESTS_RANDOM_H
#define TESTS_RANDOM_H

#include <stdint.h>

struct random_stream {
	uint64_t state;
};

/* The next number, from 0 up to but not including `bound`. */
static inline uint32_t
random_below(struct random_stream *stream, uint32_t bound)
{
	uint64_t z;

	stream->state += 0x9e3779b97f4a7c15;
	z = stream->state;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (uint32_t)((z ^ z >> 31) % bound);
}

#endif
