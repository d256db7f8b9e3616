/* SPDX-License-Identifier: MIT */
/* Fuzzes files of users. */
#include "auth/htpasswd.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct htpasswd htpasswd;
	struct htpasswd_fault fault = { NULL, 0 };
	char *text = malloc(size + 1);
	unsigned i;

	assert(text != NULL);
	memcpy(text, data, size);
	if (htpasswd_parse(&htpasswd, text, size, &fault) < 0)
		assert(fault.what != NULL && fault.line > 0);
	else
		for (i = 0; i < htpasswd.count; i++) {
			const char *name = htpasswd.users[i].name;
			const char *hash = htpasswd.users[i].hash;

			/* Both are strings of the text, none is found twice. */
			assert(name >= text && name < hash);
			assert(hash + strlen(hash) <= text + size);
			assert(strpbrk(name, ":\n") == NULL);
			assert(strpbrk(hash, ":\n ") == NULL);
			assert(htpasswd_find(&htpasswd, name) == hash);
		}
	free(text);
	return 0;
}
