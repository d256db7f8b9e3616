/* SPDX-License-Identifier: MIT */
/* How willingly a client takes a thing (RFC 9110, 12.4.2); pure. */
#include "http/quality.h"

#include <errno.h>

int
quality_parse(struct piece text)
{
	int quality = 0;
	int weight = QUALITY_ONE;
	size_t i;

	if (text.n == 0 || text.n > 5 || (text.n > 1 && text.bytes[1] != '.'))
		return -EBADMSG;
	for (i = 0; i < text.n; i++) {
		if (i == 1)
			continue;
		if (!piece_is_digit(text.bytes[i]))
			return -EBADMSG;
		quality += (text.bytes[i] - '0') * weight;
		weight /= 10;
	}
	return quality <= QUALITY_ONE ? quality : -EBADMSG;
}
