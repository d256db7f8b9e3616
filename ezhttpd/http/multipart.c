/* SPDX-License-Identifier: MIT */
/* Several ranges in one body: multipart/byteranges (RFC 9110, 14.6); pure. */
#include "http/multipart.h"

#include <string.h>

#include "http/response.h"

void
multipart_init(struct multipart *ret_multipart, uint64_t seed)
{
	static const char digits[] = "0123456789ABCDEF";
	struct text text;
	size_t i;

	memset(ret_multipart, 0, sizeof(*ret_multipart));
	for (i = 0; i < MULTIPART_BOUNDARY_BYTES; i++) {
		/* Knuth's MMIX: the next state; its high bits are good. */
		seed = seed * UINT64_C(6364136223846793005) +
		    UINT64_C(1442695040888963407);
		ret_multipart->boundary[i] = digits[seed >> 60];
	}
	text_init(&text, ret_multipart->type, MULTIPART_TYPE_SIZE - 1);
	text_put_string(&text, "multipart/byteranges; boundary=");
	text_put(&text, ret_multipart->boundary, MULTIPART_BOUNDARY_BYTES);
}

static void
put_boundary(struct text *text, const struct multipart *multipart)
{
	text_put_string(text, "--");
	text_put(text, multipart->boundary, MULTIPART_BOUNDARY_BYTES);
}

void
multipart_put_head(struct text *text, const struct multipart *multipart,
    unsigned i)
{
	if (i > 0)
		text_put_string(text, "\r\n");
	put_boundary(text, multipart);
	text_put_string(text, "\r\nContent-Type: ");
	text_put_string(text, multipart->part_type);
	text_put_string(text, "\r\n");
	response_put_range(text, multipart->ranges->at[i], multipart->total);
	text_put_string(text, "\r\n");
}

void
multipart_put_end(struct text *text, const struct multipart *multipart)
{
	text_put_string(text, "\r\n");
	put_boundary(text, multipart);
	text_put_string(text, "--\r\n");
}

int64_t
multipart_length(const struct multipart *multipart)
{
	char bytes[MULTIPART_HEAD_BYTES];
	int64_t length = 0;
	struct text text;
	unsigned i;

	for (i = 0; i < multipart->ranges->count; i++) {
		text_init(&text, bytes, sizeof(bytes));
		multipart_put_head(&text, multipart, i);
		length += (int64_t)text.n + multipart->ranges->at[i].n;
	}
	text_init(&text, bytes, sizeof(bytes));
	multipart_put_end(&text, multipart);
	return length + (int64_t)text.n;
}
