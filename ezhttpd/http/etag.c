/* SPDX-License-Identifier: MIT */
/* Entity tags (RFC 9110, 8.8.3): made of facts, found in lists; pure. */
#include "http/etag.h"

#include <errno.h>
#include <string.h>

/* One round of SplitMix64: each bit of `fact` changes half of the result. */
static uint64_t
mix(uint64_t state, uint64_t fact)
{
	uint64_t z = (state ^ fact) + UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

void
etag_format(char ret_tag[ETAG_BYTES], const struct etag_facts *facts)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t state = mix(0, facts->inode);
	size_t i;

	state = mix(state, (uint64_t)facts->size);
	state = mix(state, (uint64_t)facts->modified_s);
	state = mix(state, (uint64_t)facts->modified_ns);
	state = mix(state, (uint64_t)facts->changed_s);
	state = mix(state, (uint64_t)facts->changed_ns);
	ret_tag[0] = '"';
	for (i = 1; i < ETAG_BYTES - 1; i++) {
		ret_tag[i] = digits[state & 15];
		state >>= 4;
	}
	ret_tag[ETAG_BYTES - 1] = '"';
}

static bool
is_tag_byte(char c)
{
	return c == 0x21 || (c >= 0x23 && c <= 0x7e) || (c & 0x80) != 0;
}

/* Takes the tag at the front of the list; false where there is none. */
static bool
take_tag(struct piece *rest, struct piece *ret_tag, bool *ret_is_weak)
{
	size_t i = 1;

	*ret_is_weak = rest->n >= 2 && memcmp(rest->bytes, "W/", 2) == 0;
	if (*ret_is_weak) {
		rest->bytes += 2;
		rest->n -= 2;
	}
	if (rest->n == 0 || rest->bytes[0] != '"')
		return false;
	while (i < rest->n && is_tag_byte(rest->bytes[i]))
		i++;
	if (i == rest->n || rest->bytes[i] != '"')
		return false;
	*ret_tag = (struct piece){ rest->bytes, i + 1 };
	rest->bytes += i + 1;
	rest->n -= i + 1;
	return true;
}

static void
pass_blanks(struct piece *rest)
{
	while (
	    rest->n > 0 && (rest->bytes[0] == ' ' || rest->bytes[0] == '\t')) {
		rest->bytes++;
		rest->n--;
	}
}

/* Passes over the comma behind a tag, or the end; false at anything else. */
static bool
pass_comma(struct piece *rest)
{
	pass_blanks(rest);
	if (rest->n == 0)
		return true;
	if (rest->bytes[0] != ',')
		return false;
	rest->bytes++;
	rest->n--;
	return true;
}

int
etag_find(struct piece list, struct piece tag, enum etag_comparison comparison)
{
	bool is_found = false;

	if (list.n == 1 && list.bytes[0] == '*')
		return 1;
	for (;;) {
		struct piece found;
		bool is_weak;

		pass_blanks(&list);
		if (list.n == 0)
			return is_found;
		/* RFC 9110, 5.6.1.2: an element may be empty. */
		if (list.bytes[0] != ',') {
			if (!take_tag(&list, &found, &is_weak))
				return -EBADMSG;
			if (found.n == tag.n &&
			    memcmp(found.bytes, tag.bytes, tag.n) == 0 &&
			    (comparison == ETAG_WEAK || !is_weak))
				is_found = true;
		}
		if (!pass_comma(&list))
			return -EBADMSG;
	}
}
