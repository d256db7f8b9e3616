/* SPDX-License-Identifier: MIT */
/* Which hashes a wrong password costs; crypt(3) is played here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <crypt.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth/basic_auth.h"

#define SALT "abcdefghijklmnopqrstuv"
#define DIGEST "0123456789012345678901234567890"
#define BCRYPT(cost) "$2b$" cost "$" SALT DIGEST

static struct login login;
/* The costs that were hashed, in their order; and what crypt(3) finds. */
static char hashed[64];
static const char *answer;

char *
crypt_rn(const char *phrase, const char *setting, void *data, int size)
{
	static char none[] = "*0";

	(void)phrase;
	(void)data;
	(void)size;
	(void)snprintf(hashed + strlen(hashed), sizeof(hashed) - strlen(hashed),
	    "%.2s ", setting + 4);
	return answer != NULL ? (char *)(uintptr_t)answer : none;
}

int
crypt_checksalt(const char *setting)
{
	(void)setting;
	return CRYPT_SALT_OK;
}

char *
crypt_gensalt_rn(const char *prefix, unsigned long count, const char *random,
    int bytes, char *output, int size)
{
	(void)count;
	(void)random;
	(void)bytes;
	(void)snprintf(output, (size_t)size, "%ssalt", prefix);
	return output;
}

int
tcpserver_client_take_turn(const struct tcpserver_client *client,
    uint32_t timeout_ms)
{
	(void)client;
	(void)timeout_ms;
	return 1;
}

void
tcpserver_client_end_turn(const struct tcpserver_client *client)
{
	(void)client;
}

void
tcpserver_client_log(const struct tcpserver_client *client, const char *line)
{
	(void)client;
	(void)line;
}

static int
open_users(const char *text, struct htpasswd_fault *ret_fault)
{
	char path[] = "/tmp/users.XXXXXX";
	int fd = mkstemp(path);
	int r;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
	r = login_open(&login, path, ret_fault);
	(void)unlink(path);
	return r;
}

/* The value is "NAME:x"; the connection has ended, so nothing is waited for. */
static int
check(const char *value)
{
	struct tcpserver_client client = { .peer_text = "192.0.2.1" };
	struct login_pass pass = { .n = 0 };
	bool was_tried;
	int ends[2];
	int status;

	assert_int_equal(pipe(ends), 0);
	(void)close(ends[1]);
	client.fd = ends[0];
	hashed[0] = '\0';
	login.guesses->tokens[0].end_ms = 0;
	status = login_check(&login, &client, &pass,
	    (struct piece){ value, strlen(value) }, &was_tried);
	(void)close(ends[0]);
	return status;
}

static const char users[] = "first:" BCRYPT("05") "\nann:" BCRYPT(
    "10") "\nbob:" BCRYPT("05") "\ncay:" BCRYPT("07") "\n";

static void
a_wrong_password_costs_the_same_for_every_name(void **state)
{
	/* first, ann, bob, cay and nobody. */
	static const char *const values[] = { "Basic Zmlyc3Q6eA==",
		"Basic YW5uOng=", "Basic Ym9iOng=", "Basic Y2F5Ong=",
		"Basic bm9ib2R5Ong=" };
	struct htpasswd_fault fault;

	(void)state;
	assert_int_equal(open_users(users, &fault), 0);
	answer = NULL;
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		assert_int_equal(check(values[i]), 401);
		assert_string_equal(hashed, "05 10 07 ");
	}
	login_close(&login);
}

static void
a_right_password_lets_its_user_in_and_nobody_else(void **state)
{
	struct htpasswd_fault fault;

	(void)state;
	assert_int_equal(open_users(users, &fault), 0);
	answer = BCRYPT("10");
	assert_int_equal(check("Basic YW5uOng="), 0);
	/* Its token is free again. */
	assert_int_equal(login.guesses->tokens[0].end_ms, 0);
	/* What is right for another, or for the hash of a cost, is not. */
	assert_int_equal(check("Basic bm9ib2R5Ong="), 401);
	assert_int_equal(check("Basic Y2F5Ong="), 401);
	assert_true(login.guesses->tokens[0].end_ms > 0);
	login_close(&login);
}

static void
more_costs_than_a_trial_can_bear_are_refused(void **state)
{
	struct htpasswd_fault fault;
	char text[1024] = "";

	(void)state;
	for (int i = 0; i <= LOGIN_COSTS; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text),
		    "user%d:$2b$%02d$" SALT DIGEST "\n", i, 4 + i);
	assert_int_equal(open_users(text, &fault), -EBADMSG);
	assert_string_equal(fault.what,
	    "more than 8 kinds and costs of hashes");
	assert_int_equal(fault.line, LOGIN_COSTS + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_wrong_password_costs_the_same_for_every_name),
		cmocka_unit_test(
		    a_right_password_lets_its_user_in_and_nobody_else),
		cmocka_unit_test(more_costs_than_a_trial_can_bear_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
