/* SPDX-License-Identifier: MIT */
/* Bytes that end where memory ends: reading one too far is a crash. */
#include "guard.h"

#include <sys/mman.h>

#include <assert.h>
#include <string.h>
#include <unistd.h>

/* How many copies live at the same time, and how long one may be. */
#define PLACES 8
#define PLACE_BYTES (128 * 1024)

char *
guard_copy(const char *bytes, size_t n)
{
	static char *places[PLACES];
	static unsigned next;
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char **place = &places[next++ % PLACES];

	assert(n <= PLACE_BYTES);
	if (*place == NULL) {
		*place = mmap(NULL, PLACE_BYTES + page, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		assert(*place != MAP_FAILED);
		assert(mprotect(*place + PLACE_BYTES, page, PROT_NONE) == 0);
	}
	if (n > 0)
		memcpy(*place + PLACE_BYTES - n, bytes, n);
	return *place + PLACE_BYTES - n;
}
