/* SPDX-License-Identifier: MIT */
/* Fuzzes the lines of configuration files. */
#include "config/config_file.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The piece lies in the text, and has no control bytes. */
static void
check_piece(struct piece text, struct piece piece)
{
	size_t i;

	assert(piece.bytes >= text.bytes);
	assert(piece.bytes + piece.n <= text.bytes + text.n);
	for (i = 0; i < piece.n; i++) {
		unsigned char c = (unsigned char)piece.bytes[i];

		assert(c == '\t' || (c >= ' ' && c != 0x7f));
	}
}

static int
equals(struct piece a, struct piece b)
{
	return a.n == b.n && memcmp(a.bytes, b.bytes, a.n) == 0;
}

/* What was read of a line is read again of the shortest line that says it. */
static void
check_again(const struct configline_pair *pair)
{
	char bytes[CONFIGLINE_BYTES];
	struct configline lines = { .text = { bytes, pair->name.n } };
	struct configline_pair again;

	memcpy(bytes, pair->name.bytes, pair->name.n);
	if (pair->value.n > 0) {
		assert(configline_may_hold(pair));
		bytes[pair->name.n] = ' ';
		memcpy(bytes + pair->name.n + 1, pair->value.bytes,
		    pair->value.n);
		lines.text.n += 1 + pair->value.n;
	}
	assert(configline_next(&lines, &again) == 1);
	assert(equals(again.name, pair->name));
	assert(equals(again.value, pair->value));
	assert(configline_next(&lines, &again) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct configline lines = { .text = { (const char *)data, size } };
	struct configline_pair pair;
	unsigned number = 0;
	int r;

	for (;;) {
		r = configline_next(&lines, &pair);
		if (r != 1)
			break;
		assert(lines.number > number && lines.at <= size);
		number = lines.number;
		assert(pair.name.n > 0 && pair.name.bytes[0] != '#');
		assert(memchr(pair.name.bytes, ' ', pair.name.n) == NULL);
		assert(memchr(pair.name.bytes, '\t', pair.name.n) == NULL);
		check_piece(lines.text, pair.name);
		check_piece(lines.text, pair.value);
		check_again(&pair);
	}
	assert(r == -EMSGSIZE || r == -EILSEQ || r == -EBADMSG ||
	    (r == 0 && lines.at == size));
	return 0;
}
