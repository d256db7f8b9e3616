/* SPDX-License-Identifier: MIT */
/* The address of a listener as one can click it; pure. */
#include "announce.h"

#include <string.h>

void
announce_put(struct text *text, const char *address)
{
	static const struct {
		const char *wildcard;
		const char *shown;
	} shown[] = {
		{ "*:", "127.0.0.1:" },
		{ "0.0.0.0:", "127.0.0.1:" },
		/* It takes IPv6 only. */
		{ "[::]:", "[::1]:" },
	};
	size_t i;

	if (strncmp(address, "unix:", strlen("unix:")) == 0) {
		text_put_string(text, address);
		return;
	}
	text_put_string(text, "http://");
	for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		const size_t n = strlen(shown[i].wildcard);

		if (strncmp(address, shown[i].wildcard, n) == 0) {
			text_put_string(text, shown[i].shown);
			address += n;
			break;
		}
	}
	text_put_string(text, address);
	text_put(text, "/", 1);
}
