/* SPDX-License-Identifier: MIT */
/* The address of a listener as one can click it; pure. */
#include "listen_url.h"

#include <stddef.h>
#include <string.h>

/* An address that stands for all, and what it takes. */
struct wildcard {
	const char *start;
	const char *shown;
	bool is_ipv4;
	bool is_ipv6;
};

static const struct wildcard wildcards[] = {
	{ "*:", "127.0.0.1:", true, true },
	{ "0.0.0.0:", "127.0.0.1:", true, false },
	/* It takes IPv6 only. */
	{ "[::]:", "[::1]:", false, true },
};

static const struct wildcard *
find_wildcard(const char *address)
{
	size_t i;

	for (i = 0; i < sizeof(wildcards) / sizeof(wildcards[0]); i++)
		if (strncmp(address, wildcards[i].start,
			strlen(wildcards[i].start)) == 0)
			return &wildcards[i];
	return NULL;
}

void
announce_put(struct text *text, const char *address)
{
	const struct wildcard *wildcard = find_wildcard(address);

	if (strncmp(address, "unix:", strlen("unix:")) == 0) {
		text_put_string(text, address);
		return;
	}
	text_put_string(text, "http://");
	if (wildcard != NULL) {
		text_put_string(text, wildcard->shown);
		address += strlen(wildcard->start);
	}
	text_put_string(text, address);
	text_put(text, "/", 1);
}

bool
announce_put_host(struct text *text, const char *address, const char *host)
{
	const struct wildcard *wildcard = find_wildcard(address);
	bool is_ipv6 = strchr(host, ':') != NULL;

	if (wildcard == NULL ||
	    !(is_ipv6 ? wildcard->is_ipv6 : wildcard->is_ipv4))
		return false;
	text_put_string(text, is_ipv6 ? "http://[" : "http://");
	text_put_string(text, host);
	text_put_string(text, is_ipv6 ? "]:" : ":");
	text_put_string(text, address + strlen(wildcard->start));
	text_put(text, "/", 1);
	return true;
}
