/* SPDX-License-Identifier: MIT */
/* Whether a client has said anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/socket.h>
#include <unistd.h>

#include "forked.h"
#include "os/peek.h"
#include "peers.h"

/* What a client has done, and what is to be told of it. */
static const struct {
	const char *says;
	bool ends;
	bool cuts;
	enum ts_word expected;
} cases[] = {
	{ NULL, false, false, TS_WORD_NONE },
	{ "x", false, false, TS_WORD_SPOKEN },
	{ NULL, true, false, TS_WORD_GONE },
	/* It has asked, and closed its side. */
	{ "x", true, false, TS_WORD_SPOKEN },
	{ NULL, false, true, TS_WORD_GONE },
	{ "x", false, true, TS_WORD_GONE },
};

static void
cut(int client)
{
	const struct linger at_once = { .l_onoff = 1 };

	assert_int_equal(setsockopt(client, SOL_SOCKET, SO_LINGER, &at_once,
			     sizeof(at_once)),
	    0);
	(void)close(client);
}

static void
tells_what_a_client_has_done(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int client;
		int server;
		char c;

		peers_open_pair(&client, &server);
		if (cases[i].says != NULL)
			peers_send(client, cases[i].says);
		if (cases[i].ends)
			assert_int_equal(shutdown(client, SHUT_WR), 0);
		if (cases[i].cuts)
			cut(client);
		if (cases[i].expected != TS_WORD_NONE)
			assert_true(
			    process_has_input(server, PROCESS_LIMIT_MS));
		assert_int_equal(ts_peek_is_cut(server), cases[i].cuts);
		if (ts_word_of(server) != cases[i].expected)
			fail_msg("case %zu: %d", i, ts_word_of(server));
		/* Nothing of it was read. */
		if (cases[i].expected == TS_WORD_SPOKEN)
			assert_int_equal(recv(server, &c, 1, 0), 1);
		if (!cases[i].cuts)
			(void)close(client);
		(void)close(server);
	}
}

static void
what_was_read_is_no_word_any_more(void **state)
{
	int client;
	int server;
	char c;

	(void)state;
	peers_open_pair(&client, &server);
	peers_send(client, "x");
	assert_int_equal(recv(server, &c, 1, 0), 1);
	assert_int_equal(ts_word_of(server), TS_WORD_NONE);
	(void)close(client);
	(void)close(server);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_what_a_client_has_done),
		cmocka_unit_test(what_was_read_is_no_word_any_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
