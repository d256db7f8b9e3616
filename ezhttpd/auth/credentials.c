/* SPDX-License-Identifier: MIT */
/* A name and a password, as a client sends them (RFC 7617); pure. */
#include "auth/credentials.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* RFC 4648, 4.  The value of a character, or -1. */
static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* Decodes four characters into up to three bytes: how many, or -1. */
static int
decode_four(char *ret_bytes, const char *four, bool is_last)
{
	uint32_t bits = 0;
	int padding = 0;
	int i;

	if (is_last && four[3] == '=')
		padding = four[2] == '=' ? 2 : 1;
	for (i = 0; i < 4 - padding; i++) {
		int value = value_of(four[i]);

		if (value < 0)
			return -1;
		bits |= (uint32_t)value << (18 - 6 * i);
	}
	/* The bits that the padding leaves over. */
	if ((bits & ((UINT32_C(1) << (8 * padding)) - 1)) != 0)
		return -1;
	for (i = 0; i < 3 - padding; i++)
		ret_bytes[i] = (char)(bits >> (16 - 8 * i) & 0xff);
	return 3 - padding;
}

/* Decodes all of it into a string: its length, or -1. */
static int
decode(char *ret_text, size_t size, struct piece coded)
{
	size_t n = 0;
	size_t i;

	if (coded.n % 4 != 0 || coded.n / 4 * 3 >= size)
		return -1;
	for (i = 0; i < coded.n; i += 4) {
		int r = decode_four(ret_text + n, coded.bytes + i,
		    i + 4 == coded.n);

		if (r < 0)
			return -1;
		n += (size_t)r;
	}
	ret_text[n] = '\0';
	return (int)n;
}

static bool
has_control(const char *text, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if ((unsigned char)text[i] < ' ' || text[i] == 0x7f)
			return true;
	}
	return false;
}

int
credentials_parse(struct credentials *ret_credentials, struct piece value)
{
	static const struct piece basic = PIECE_OF("Basic");
	char *text = ret_credentials->text;
	struct piece scheme;
	char *colon;
	int n;

	if (!piece_split(&value, ' ', &scheme) || !piece_equals(scheme, basic))
		return -EBADMSG;
	n = decode(text, sizeof(ret_credentials->text), piece_trimmed(value));
	if (n < 0 || has_control(text, (size_t)n))
		return -EBADMSG;
	colon = strchr(text, ':');
	if (colon == NULL || colon - text > HTPASSWD_NAME_BYTES ||
	    strlen(colon + 1) > CREDENTIALS_PASSWORD_BYTES)
		return -EBADMSG;
	*colon = '\0';
	ret_credentials->name = text;
	ret_credentials->password = colon + 1;
	return 0;
}
