/* SPDX-License-Identifier: MIT */
/* Fuzzes values of Authorization. */
#include "auth/credentials.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct credentials found;

	if (credentials_parse(&found,
		(struct piece){ (const char *)data, size }) < 0)
		return 0;
	assert(strlen(found.name) <= HTPASSWD_NAME_BYTES);
	assert(strlen(found.password) <= CREDENTIALS_PASSWORD_BYTES);
	assert(strchr(found.name, ':') == NULL);
	/* As many bytes as so many characters can carry. */
	assert(
	    (strlen(found.name) + 1 + strlen(found.password)) * 4 <= size * 3);
	return 0;
}
