/* SPDX-License-Identifier: MIT */
/* Fuzzes the lists of entity tags. */
#include "http/etag.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct piece tag = PIECE_OF("\"a\"");
	const struct piece list = { (const char *)data, size };
	int strong = etag_find(list, tag, ETAG_STRONG);
	int weak = etag_find(list, tag, ETAG_WEAK);

	/* Both can be read or neither; what is found strongly is weakly. */
	assert((strong == -EBADMSG) == (weak == -EBADMSG));
	assert(strong <= weak);
	/* What is found is there. */
	assert(weak <= 0 || (size == 1 && data[0] == '*') ||
	    memmem(data, size, tag.bytes, tag.n) != NULL);
	return 0;
}
