/* SPDX-License-Identifier: MIT */
/* A host and perhaps a port, as in Host and in an absolute target; pure. */
#include "http/authority.h"

/* Largest port. */
#define PORT_MAX 65535

/* Nothing, or a colon and a port. */
static bool
is_port(struct piece text)
{
	unsigned port = 0;
	size_t i;

	if (text.n == 0)
		return true;
	if (text.bytes[0] != ':')
		return false;
	for (i = 1; i < text.n; i++) {
		if (!piece_is_digit(text.bytes[i]))
			return false;
		port = port * 10 + (unsigned)(text.bytes[i] - '0');
		if (port > PORT_MAX)
			return false;
	}
	return true;
}

bool
authority_is_good(struct piece text)
{
	size_t n = piece_span(text, PIECE_IN_HOST);

	if (text.n > 0 && text.bytes[0] == '[') {
		struct piece rest = { text.bytes + 1, text.n - 1 };

		n = piece_span(rest, PIECE_IN_ADDRESS);
		if (n < 2 || n == rest.n || rest.bytes[n] != ']')
			return false;
		n += 2;
	}
	return n > 0 && is_port((struct piece){ text.bytes + n, text.n - n });
}

bool
authority_host(char ret_host[AUTHORITY_HOST_SIZE], struct piece text)
{
	size_t n = piece_span(text, PIECE_IN_HOST);
	size_t i;

	if (n > 0 && text.bytes[n - 1] == '.')
		n--;
	if (n == 0 || n >= AUTHORITY_HOST_SIZE || text.bytes[0] == '.')
		return false;
	for (i = 0; i < n; i++)
		ret_host[i] = piece_lower(text.bytes[i]);
	ret_host[n] = '\0';
	return true;
}
