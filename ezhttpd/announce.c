/* SPDX-License-Identifier: MIT */
/* The address of a listener as one can click it; pure. */
#include "announce.h"

#include <string.h>

void
announce_put(struct text *text, const char *address)
{
	static const char *const wildcards[] = { "*:", "0.0.0.0:", "[::]:" };
	size_t i;

	if (strncmp(address, "unix:", strlen("unix:")) == 0) {
		text_put_string(text, address);
		return;
	}
	text_put_string(text, "http://");
	for (i = 0; i < sizeof(wildcards) / sizeof(wildcards[0]); i++) {
		const size_t n = strlen(wildcards[i]);

		if (strncmp(address, wildcards[i], n) == 0) {
			text_put_string(text, "127.0.0.1:");
			address += n;
			break;
		}
	}
	text_put_string(text, address);
	text_put(text, "/", 1);
}
