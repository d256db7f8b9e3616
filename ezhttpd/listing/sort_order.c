/* SPDX-License-Identifier: MIT */
/* The order of a listing, as a query asks for it; pure. */
#include "listing/sort_order.h"

static const char letters[LISTING_KEYS] = {
	[LISTING_BY_NAME] = 'N',
	[LISTING_BY_SIZE] = 'S',
	[LISTING_BY_TIME] = 'M',
};

static void
take_key(struct listing_order *order, char letter)
{
	int key;

	for (key = 0; key < LISTING_KEYS; key++) {
		if (letters[key] == letter)
			order->key = key;
	}
}

static void
take_setting(struct listing_order *order, const char *bytes, size_t n)
{
	if (n != 3 || bytes[1] != '=')
		return;
	if (bytes[0] == 'C')
		take_key(order, bytes[2]);
	else if (bytes[0] == 'O' && (bytes[2] == 'A' || bytes[2] == 'D'))
		order->is_descending = bytes[2] == 'D';
}

struct listing_order
listorder_parse(struct piece query)
{
	struct listing_order order = { 0 };
	size_t start = 0;
	size_t i;

	for (i = 0; i < query.n; i++) {
		if (query.bytes[i] != ';' && query.bytes[i] != '&')
			continue;
		take_setting(&order, query.bytes + start, i - start);
		start = i + 1;
	}
	take_setting(&order, query.bytes + start, query.n - start);
	return order;
}

char
listorder_letter(enum listing_key key)
{
	return letters[key];
}
