/* SPDX-License-Identifier: MIT */
/* The address of a listener as one can click it. */
#include "../../ezhttpd/announce.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *address;
	const char *url;
} addresses[] = {
	{ "127.0.0.1:80", "http://127.0.0.1:80/" },
	{ "*:8080", "http://127.0.0.1:8080/" },
	{ "0.0.0.0:8080", "http://127.0.0.1:8080/" },
	{ "[::]:8080", "http://[::1]:8080/" },
	{ "[::1]:8080", "http://[::1]:8080/" },
	{ "unix:/run/x", "unix:/run/x" },
};

static void
each_address_has_its_url(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		char url[100];
		struct text text;

		text_init(&text, url, sizeof(url) - 1);
		announce_put(&text, addresses[i].address);
		url[text.n] = '\0';
		assert_string_equal(url, addresses[i].url);
	}
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_address_has_its_url),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
