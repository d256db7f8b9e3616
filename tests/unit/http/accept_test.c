/* SPDX-License-Identifier: MIT */
/* Media types: which of two a client would rather have. */
#include "http/accept.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"
#include "http/parser.h"

#define HTML ACCEPT_HTML
#define JSON ACCEPT_JSON

/* What Accept says, and which type is chosen. */
static const struct {
	const char *accept;
	enum accept_type choice;
	const char *shows;
} cases[] = {
	{ "application/json", JSON, "one" },
	{ "Application/JSON", JSON, "in capitals" },
	{ "text/html", HTML, "the usual" },
	{ "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,"
	  "image/webp,image/apng,*/*;q=0.8,"
	  "application/signed-exchange;v=b3;q=0.7",
	    HTML, "what browsers say" },
	{ "application/json, text/javascript, */*; q=0.01", JSON, "jQuery" },
	{ "application/json, text/plain, */*", HTML, "as willingly" },
	{ "application/json, text/html", HTML, "as willingly, by name" },
	{ "text/html;q=0.5, application/json;q=0.5", HTML, "with a weight" },
	{ "text/html;q=0.5, application/json;q=0.501", JSON, "a bit rather" },
	{ "text/html;q=0.501, application/json;q=0.5", HTML, "a bit less" },
	{ "application/json;q=0.1", JSON, "the only one" },
	{ "application/json;q=0", HTML, "not this" },
	{ "text/html;q=0", HTML, "neither" },
	{ "text/html;q=0, */*", JSON, "all but one" },
	{ "*/*", HTML, "anything" },
	{ "*/*;q=0", HTML, "nothing at all" },
	{ "application/*", JSON, "a kind" },
	{ "text/*;q=0.4, application/*;q=0.5", JSON, "two kinds" },
	{ "text/*, */*;q=0.5", HTML, "a kind beats anything" },
	{ "*/*;q=0.5, application/*", JSON, "a kind, behind" },
	{ "application/*;q=0.1, application/json, */*;q=0.5", JSON,
	    "a type beats its kind" },
	{ "application/json;q=0.1, application/*, */*;q=0.5", HTML,
	    "a type beats its kind, in front" },
	{ "text/html;q=0.1, */*", JSON, "a type beats anything" },
	{ "application/json;q=0.9, application/json;q=0.1, text/html;q=0.5",
	    JSON, "what was said first" },
	{ "image/png, application/xml", HTML, "others" },
	{ "", HTML, "nothing" },
	{ ",, application/json ,", JSON, "empty elements" },
	{ "application/json ;\tq=0.6 , text/html ; Q=0.5", JSON, "blanks" },
	{ "application/json;charset=utf-8", JSON, "its charset" },
	{ "application/json; charset=\"UTF-8\"", JSON, "in quotes" },
	{ "application/json;charset=utf-16", HTML, "another charset" },
	{ "application/json;odata=verbose", HTML, "another parameter" },
	{ "application/json;charset=utf-8;q=0.1,application/json,text/html;"
	  "q=0.5",
	    HTML, "a parameter is closer" },
	{ "application/json,application/json;charset=utf-8;q=0.1,text/html;"
	  "q=0.5",
	    HTML, "a parameter is closer, behind" },
	{ "application/json;;q=1;", JSON, "empty parameters" },
	{ "application/json;q=1;x=y;charset=z", JSON, "behind the weight" },
	{ "a/b;c=\"d,text/html;\\\"\", application/json", JSON,
	    "a comma in quotes" },
	{ "*/json", HTML, "any kind of that name" },
	{ "application/json, x/y;z=\"", HTML, "an open quote spoils it all" },
	{ "application/json, x/y;z=\"\\\"", HTML, "so does one that is none" },
	{ "application/json, x", HTML, "no slash" },
	{ "application/json, x/", HTML, "no subtype" },
	{ "application/json, /x", HTML, "no type" },
	{ "application/json, *;q=.2", HTML, "an old way" },
	{ "text/html;q=0.5 application/json", HTML, "no comma" },
	{ "application/json;q", HTML, "no value" },
	{ "application/json;q=", HTML, "an empty value" },
	{ "application/json;q=2", HTML, "too large a quality" },
	{ "application/json;q=\"1\"", HTML, "a quality in quotes" },
	{ "application/json;q=0.1234", HTML, "four decimals" },
	{ "application/json; q = 1", HTML, "blanks around the sign" },
	{ "application / json", HTML, "blanks around the slash" },
};

static enum accept_type
choice_of(const char *head)
{
	struct request request = { 0 };
	size_t n = strlen(head);
	const char *copy = guard_copy(head, n);

	assert_int_equal(request_parse(&request, copy, n), n);
	return accept_choose(&request, copy);
}

static void
each_client_gets_what_it_would_rather_have(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char head[400];

		(void)snprintf(head, sizeof(head),
		    "GET / HTTP/1.0\r\nAccept: %s\r\n\r\n", cases[i].accept);
		if (choice_of(head) != cases[i].choice)
			fail_msg("%s: %s", cases[i].shows, cases[i].accept);
	}
	(void)state;
}

static void
a_list_ends_where_its_bytes_end(void **state)
{
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t n;

		for (n = 0; n <= strlen(cases[i].accept); n++) {
			struct accept accept = { 0 };
			struct piece list = {
				guard_copy(cases[i].accept, n),
				n,
			};

			(void)accept_parse(&accept, list);
		}
	}
	(void)state;
}

static void
several_lines_are_one_list(void **state)
{
	assert_int_equal(choice_of("GET / HTTP/1.0\r\nAccept: text/*;q=0.5\r\n"
				   "X: y\r\naccept: application/json\r\n\r\n"),
	    JSON);
	assert_int_equal(choice_of("GET / HTTP/1.0\r\n"
				   "Accept: application/json\r\n"
				   "Accept: bad\r\n\r\n"),
	    HTML);
	assert_int_equal(choice_of("GET / HTTP/1.0\r\n\r\n"), HTML);
	assert_int_equal(choice_of("GET / HTTP/1.0\r\n"
				   "Accept-Encoding: application/json\r\n\r\n"),
	    HTML);
	(void)state;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_client_gets_what_it_would_rather_have),
		cmocka_unit_test(a_list_ends_where_its_bytes_end),
		cmocka_unit_test(several_lines_are_one_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
