/* SPDX-License-Identifier: MIT */
/* The order that a query asks for. */
#include "listing/sort_order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"

#define NAME LISTING_BY_NAME
#define SIZE LISTING_BY_SIZE
#define TIME LISTING_BY_TIME

static void
a_query_says_the_order(void **state)
{
	static const struct {
		const char *query;
		struct listing_order order;
		const char *shows;
	} cases[] = {
		{ "", { NAME, false }, "nothing" },
		{ "C=N;O=A", { NAME, false }, "the usual" },
		{ "C=N;O=D", { NAME, true }, "turned round" },
		{ "C=S;O=A", { SIZE, false }, "by size" },
		{ "C=S;O=D", { SIZE, true }, "the largest first" },
		{ "C=M;O=A", { TIME, false }, "by time" },
		{ "C=M&O=D", { TIME, true }, "with the other separator" },
		{ "O=D;C=M", { TIME, true }, "the other way round" },
		{ "C=S", { SIZE, false }, "the key alone" },
		{ "O=D", { NAME, true }, "the direction alone" },
		{ ";&C=S;;x=y&O=D&", { SIZE, true }, "among others" },
		{ "C=D;O=N", { NAME, false }, "no such key, no such way" },
		{ "c=s;o=d", { NAME, false }, "small letters" },
		{ "C=SS;O=DD", { NAME, false }, "too long" },
		{ "C=;O=", { NAME, false }, "no value" },
		{ "C%3DS", { NAME, false }, "encoded" },
		{ "C:S;O:D", { NAME, false }, "no sign" },
		{ "C=S,O=D", { NAME, false }, "another separator" },
		{ "xC=S", { NAME, false }, "another name" },
		{ "C=S;C=M;O=D;O=A", { TIME, false }, "the last counts" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t n = strlen(cases[i].query);
		struct piece query = { guard_copy(cases[i].query, n), n };
		struct listing_order order = listorder_parse(query);

		if (order.key != cases[i].order.key ||
		    order.is_descending != cases[i].order.is_descending)
			fail_msg("%s: %s", cases[i].shows, cases[i].query);
	}
	(void)state;
}

static void
each_key_has_its_letter(void **state)
{
	int key;

	for (key = 0; key < LISTING_KEYS; key++) {
		char query[] = { 'C', '=', listorder_letter(key) };
		struct piece piece = { query, sizeof(query) };

		assert_int_equal(listorder_parse(piece).key, key);
	}
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_query_says_the_order),
		cmocka_unit_test(each_key_has_its_letter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
