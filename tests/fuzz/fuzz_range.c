/* SPDX-License-Identifier: MIT */
/* Fuzzes the ranges: what comes of them is there, and no more than it. */
#include "http/range.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct ranges *ranges, int64_t size)
{
	int64_t end = 0;
	unsigned i;

	assert(ranges->count <= RANGE_COUNT);
	for (i = 0; i < ranges->count; i++) {
		const struct range *range = &ranges->at[i];

		assert(range->start >= end && range->n > 0);
		assert(i == 0 || range->start - end > RANGE_GAP_BYTES);
		assert(range->n <= size - range->start);
		end = range->start + range->n;
	}
}

/* The first bytes of the input say how large the thing is. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ranges ranges;
	uint64_t total = 0;
	struct piece text;
	int r;

	if (size < sizeof(total))
		return 0;
	memcpy(&total, data, sizeof(total));
	text.bytes = (const char *)data + sizeof(total);
	text.n = size - sizeof(total);
	total >>= 1;
	if (total == 0)
		return 0;
	r = range_parse(&ranges, text, (int64_t)total);
	assert(r == 0 || r == -EBADMSG || r == -EMSGSIZE);
	if (r == 0)
		check(&ranges, (int64_t)total);
	return 0;
}
