/* SPDX-License-Identifier: MIT */
/* Fuzzes the dates of HTTP: what is read can be written and read again. */
#include "common/date.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Some time in 2026. */
	const int64_t now_s = INT64_C(1795361924);
	char text[DATE_BYTES];
	int64_t seconds;
	int64_t again;

	if (date_parse(&seconds, (const char *)data, size, now_s) < 0)
		return 0;
	if (seconds < 0 || seconds > DATE_LAST)
		return 0;
	date_format(text, seconds);
	assert(date_parse(&again, text, sizeof(text), now_s) == 0);
	assert(again == seconds);
	return 0;
}
