/* SPDX-License-Identifier: MIT */
/* The folder of a host. */
#include "http/authority.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *authority;
	/* NULL: none. */
	const char *host;
} authorities[] = {
	{ "example.org", "example.org" },
	{ "Example.ORG:8080", "example.org" },
	{ "example.org.", "example.org" },
	{ "example.org.:80", "example.org" },
	{ "192.0.2.1:80", "192.0.2.1" },
	{ "localhost", "localhost" },
	{ "", NULL },
	{ ".", NULL },
	{ "..", NULL },
	{ ".git", NULL },
	{ "[::1]:80", "[::1]" },
	{ "[2001:DB8::A]", "[2001:db8::a]" },
	{ "[::1", NULL },
	{ "[../x]", NULL },
	{ "a..b", NULL },
	{ ":80", NULL },
};

static void
each_host_has_its_folder_or_none(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(authorities) / sizeof(authorities[0]); i++) {
		const char *text = authorities[i].authority;
		char host[AUTHORITY_HOST_SIZE];
		bool has_host =
		    authority_host(host, (struct piece){ text, strlen(text) });

		if (has_host != (authorities[i].host != NULL))
			fail_msg("%s", text);
		if (has_host)
			assert_string_equal(host, authorities[i].host);
	}
	(void)state;
}

static void
a_long_name_has_none(void **state)
{
	char text[AUTHORITY_HOST_SIZE];
	char host[AUTHORITY_HOST_SIZE];

	memset(text, 'a', sizeof(text));
	assert_true(authority_host(host,
	    (struct piece){ text, AUTHORITY_HOST_SIZE - 1 }));
	assert_int_equal(strlen(host), AUTHORITY_HOST_SIZE - 1);
	assert_false(
	    authority_host(host, (struct piece){ text, AUTHORITY_HOST_SIZE }));
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_host_has_its_folder_or_none),
		cmocka_unit_test(a_long_name_has_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
