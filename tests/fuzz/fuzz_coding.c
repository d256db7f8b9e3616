/* SPDX-License-Identifier: MIT */
/* Fuzzes the list of codings that a client takes. */
#include "http/coding.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>

#include "http/quality.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct coding_qualities *qualities)
{
	int c;

	for (c = 0; c < CODING_COUNT; c++) {
		assert(qualities->of[c] >= QUALITY_NONE);
		assert(qualities->of[c] <= QUALITY_ONE);
	}
	assert(qualities->of_others >= QUALITY_NONE);
	assert(qualities->of_others <= QUALITY_ONE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct piece list = { (const char *)data, size };
	struct coding_qualities qualities = {
		.of = { QUALITY_NONE, QUALITY_NONE, QUALITY_NONE,
		    QUALITY_NONE },
		.of_others = QUALITY_NONE,
	};
	struct coding_qualities again;
	int r = coding_parse(&qualities, list);
	int c;

	assert(r == 0 || r == -EBADMSG);
	check(&qualities);
	/* What was said first counts: the same again changes nothing. */
	again = qualities;
	assert(coding_parse(&again, list) == r);
	for (c = 0; r == 0 && c < CODING_COUNT; c++)
		assert(again.of[c] == qualities.of[c]);
	return 0;
}
