/* SPDX-License-Identifier: MIT */
/* Makes one line of text safe to print. */
#include "core/escape.h"

size_t
ts_escape(char *out, const char *in, size_t size)
{
	static const char digits[] = "0123456789abcdef";
	size_t n = 0;

	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)in[i];

		if (c >= 0x20 && c < 0x7f) {
			out[n++] = (char)c;
			continue;
		}
		out[n++] = '\\';
		out[n++] = 'x';
		out[n++] = digits[c >> 4];
		out[n++] = digits[c & 0xf];
	}
	return n;
}
