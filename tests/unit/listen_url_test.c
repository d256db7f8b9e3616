/* SPDX-License-Identifier: MIT */
/* The address of a listener as one can click it. */
#include "listen_url.h"

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

static const struct {
	const char *address;
	const char *host;
	/* NULL: it is not reached there. */
	const char *url;
} hosts[] = {
	{ "*:8080", "192.0.2.2", "http://192.0.2.2:8080/" },
	{ "*:8080", "2001:db8::2", "http://[2001:db8::2]:8080/" },
	{ "0.0.0.0:80", "192.0.2.2", "http://192.0.2.2:80/" },
	{ "0.0.0.0:80", "2001:db8::2", NULL },
	{ "[::]:80", "2001:db8::2", "http://[2001:db8::2]:80/" },
	{ "[::]:80", "192.0.2.2", NULL },
	{ "192.0.2.2:80", "192.0.2.2", NULL },
	{ "127.0.0.1:80", "192.0.2.2", NULL },
	{ "[::1]:80", "2001:db8::2", NULL },
	{ "unix:/run/x", "192.0.2.2", NULL },
};

static void
a_wildcard_is_reached_at_each_host_of_its_family(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		char url[100];
		struct text text;
		bool is_reached;

		text_init(&text, url, sizeof(url) - 1);
		is_reached =
		    announce_put_host(&text, hosts[i].address, hosts[i].host);
		url[text.n] = '\0';
		assert_int_equal(is_reached, hosts[i].url != NULL);
		assert_string_equal(url,
		    hosts[i].url != NULL ? hosts[i].url : "");
	}
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_address_has_its_url),
		cmocka_unit_test(
		    a_wildcard_is_reached_at_each_host_of_its_family),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
