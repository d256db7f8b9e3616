/* SPDX-License-Identifier: MIT */
/* Tells where the server listens. */
#include "banner.h"

#include <stdio.h>

#include "listen_url.h"

/* The longest URL of a listener: a path of a unix socket, and words. */
#define URL_BYTES 512
/* Of so many interfaces a listener's URL is told. */
#define HOSTS_TOLD 4

static void
say(FILE *stream, const char *url, size_t n)
{
	fprintf(stream, "listening on %.*s\n", (int)n, url);
	(void)fflush(stream);
}

/* Where it is a wildcard, by which addresses others reach it. */
static void
say_hosts(const struct interfaces *interfaces, const char *address)
{
	unsigned said = 0;
	unsigned i;

	for (i = 0; i < interfaces->count && said < HOSTS_TOLD; i++) {
		char url[URL_BYTES];
		struct text text;

		text_init(&text, url, sizeof(url));
		if (!announce_put_host(&text, address, interfaces->hosts[i]))
			continue;
		say(stderr, url, text.n);
		said++;
	}
}

void
tell_listeners(const struct tcpserver *server,
    const struct interfaces *interfaces)
{
	const char *address;
	unsigned i;

	for (i = 0;; i++) {
		char url[URL_BYTES];
		struct text text;

		address = tcpserver_address(server, i);
		if (address == NULL)
			return;
		text_init(&text, url, sizeof(url));
		announce_put(&text, address);
		say(i == 0 ? stdout : stderr, url, text.n);
		say_hosts(interfaces, address);
	}
}
