/* SPDX-License-Identifier: MIT */
/* Files of users: what is taken, and which line is at fault. */
#include "auth/htpasswd.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "guard.h"

#define X10 "0123456789"
#define X40 X10 X10 X10 X10
#define SHA512 "$6$salt$" X40 X40 "abcdef"
#define SHA256 X40 "abc"
#define BCRYPT "$" X40 X10 "abc"

static const struct {
	const char *text;
	/* How many users, or the line at fault. */
	unsigned users;
	unsigned line;
	const char *what;
} files[] = {
	{ "", 0, 0, NULL },
	{ "\n\r\n# comment\n", 0, 0, NULL },
	{ "a:" SHA512, 1, 0, NULL },
	{ "a:" SHA512 "\n", 1, 0, NULL },
	{ "a:" SHA512 "\r\nb c:$2y$05" BCRYPT "\n", 2, 0, NULL },
	{ "a:$2a$04" BCRYPT "\nb:$2b$14" BCRYPT
	  "\nc:$5$rounds=1000000$s$" SHA256 "\nd:$y$j9T$s$" SHA256,
	    4, 0, NULL },
	{ "a:" SHA512 "\nb\n", 0, 2, "not a name and a hash" },
	{ ":" SHA512, 0, 1, "not a name" },
	{ "\n\na\tb:" SHA512, 0, 3, "not a name" },
	{ "a:password", 0, 1, "not a hash of bcrypt" },
	{ "a:$apr1$x", 0, 1, "not a hash of bcrypt" },
	{ "a:{SHA}x", 0, 1, "not a hash of bcrypt" },
	{ "a:", 0, 1, "not a hash of bcrypt" },
	{ "a:" SHA512 ":more", 0, 1, "not a hash of bcrypt" },
	{ "a:$6$", 0, 1, "not a hash of bcrypt" },
	{ "a:$6$" X40 X40 "abcdef", 0, 1, "not a hash of bcrypt" },
	{ "a:$6$s$" X40 X40 "abcde ", 0, 1, "not a hash of bcrypt" },
	{ "a:$5$s$" X40, 0, 1, "not a hash of bcrypt" },
	{ "a:$2b$05" BCRYPT "x", 0, 1, "not a hash of bcrypt" },
	{ "a:$y$zzz", 0, 1, "not a hash of bcrypt" },
	{ "a:$y$j9T$b:s$" SHA256, 0, 1, "not a hash of bcrypt" },
	{ "a:$6$\xff$" X40 X40 "abcdef", 0, 1, "not a hash of bcrypt" },
	{ "a:$y$" SHA256, 0, 1, "not a hash of bcrypt" },
	{ "a:$2b$15" BCRYPT, 0, 1, "a hash that costs" },
	{ "a:$2b$99" BCRYPT, 0, 1, "a hash that costs" },
	{ "a:$6$rounds=1000001$s$" X40 X40 "abcdef", 0, 1,
	    "a hash that costs" },
	{ "a:$6$rounds=99999999999999999999$s$" X40 X40 "abcdef", 0, 1,
	    "a hash that costs" },
	{ "a:$y$jFT$s$" SHA256, 0, 1, "a hash that costs" },
	/* The largest costs, and what is no number. */
	{ "a:$2b$00" BCRYPT "\nb:$6$rounds=0$s$" X40 X40 "abcdef", 2, 0, NULL },
	{ "a:$2b$9/" BCRYPT, 0, 1, "not a hash of bcrypt" },
	{ "a:$2b$zz" BCRYPT, 0, 1, "not a hash of bcrypt" },
	{ "a:$2b$$$" BCRYPT, 0, 1, "not a hash of bcrypt" },
	{ "a:$6$rounds=$s$" X40 X40 "abcdef", 0, 1, "not a hash of bcrypt" },
	{ "a:$6$rounds=9x$s$" X40 X40 "abcdef", 0, 1, "not a hash of bcrypt" },
	{ "a:$6$rounds=10000000$s$" X40 X40 "abcdef", 0, 1,
	    "a hash that costs" },
	{ "a:$6$rounds=4294967296$s$" X40 X40 "abcdef", 0, 1,
	    "a hash that costs" },
	/* Cut short, a dollar that is missing, no salt and an empty one. */
	{ "a:$2b$0", 0, 1, "not a hash of bcrypt" },
	{ "a:$2b$05x" X40 X10 "abc", 0, 1, "not a hash of bcrypt" },
	{ "a:$y$j9T$" SHA256, 0, 1, "not a hash of bcrypt" },
	{ "a:$y$j9T$$" SHA256 "\nb:$6$$" X40 X40 "abcdef", 2, 0, NULL },
	{ "a:$y$j75$s$" SHA256 "\nb:$y$j85$s$" SHA256 "\nc:$y$j7T$s$" SHA256
	  "\nd:$y$j8T$s$" SHA256 "\ne:$y$jAT$s$" SHA256 "\nf:$y$jBT$s$" SHA256,
	    6, 0, NULL },
	{ "a:" SHA512 "\na:" SHA512, 0, 2, "a name that was there before" },
};

static void
each_file_is_read_or_its_fault_is_named(void **state)
{
	static struct htpasswd htpasswd;
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		const size_t n = strlen(files[i].text);
		char *text = guard_copy(files[i].text, n + 1);
		struct htpasswd_fault fault;
		int r = htpasswd_parse(&htpasswd, text, n, &fault);

		if (files[i].line == 0) {
			assert_int_equal(r, 0);
			assert_int_equal(htpasswd.count, files[i].users);
			continue;
		}
		assert_int_equal(r, -EBADMSG);
		assert_int_equal(fault.line, files[i].line);
		assert_ptr_equal(strstr(fault.what, files[i].what), fault.what);
	}
	(void)state;
}

static void
a_user_is_found_by_all_of_the_name(void **state)
{
	static struct htpasswd htpasswd;
	char text[] =
	    "ann:" SHA512 "\nan:$5$s$" SHA256 "\n\nanna b:$2b$05" BCRYPT;
	struct htpasswd_fault fault;

	assert_int_equal(
	    htpasswd_parse(&htpasswd, text, sizeof(text) - 1, &fault), 0);
	assert_string_equal(htpasswd_find(&htpasswd, "ann"), SHA512);
	assert_string_equal(htpasswd_find(&htpasswd, "an"), "$5$s$" SHA256);
	assert_string_equal(htpasswd_find(&htpasswd, "anna b"),
	    "$2b$05" BCRYPT);
	assert_int_equal(htpasswd.users[2].line, 4);
	assert_null(htpasswd_find(&htpasswd, ""));
	assert_null(htpasswd_find(&htpasswd, "Ann"));
	(void)state;
}

static void
a_byte_that_is_0_ends_nothing_unseen(void **state)
{
	static struct htpasswd htpasswd;
	char text[] = "a:" SHA512 "\nb\0:" SHA512 "\n";
	struct htpasswd_fault fault;

	assert_int_equal(
	    htpasswd_parse(&htpasswd, text, sizeof(text) - 1, &fault),
	    -EBADMSG);
	assert_int_equal(fault.line, 2);
	(void)state;
}

/* Whether a file of this one line is taken. */
static bool
is_taken(const char *line)
{
	static struct htpasswd htpasswd;
	struct htpasswd_fault fault;
	size_t n = strlen(line);

	return htpasswd_parse(&htpasswd, guard_copy(line, n + 1), n, &fault) ==
	    0 &&
	    htpasswd.count == 1;
}

static bool
is_one_of(char c, const char *those)
{
	return c != '\0' && strchr(those, c) != NULL;
}

/* In a name, a salt, and at both ends of each kind of hash. */
static void
each_byte_is_taken_where_it_may_stand(void **state)
{
	static const char coded[] =
	    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
	static const char *const hashes[] = { "a:$6$s$" X40 X40 "abcdef",
		"a:$2b$05" BCRYPT, "a:$y$j9T$s$" SHA256 };
	static const size_t begins[] = { 7, 9, 11 };
	unsigned byte;
	size_t i;

	for (byte = 1; byte < 256; byte++) {
		char name[] = "x?x:" SHA512;
		char salt[] = "a:$6$s?t$" X40 X40 "abcdef";
		bool is_text = byte >= ' ' && byte != 0x7f;

		if (byte == '\n')
			continue;
		name[1] = (char)byte;
		salt[6] = (char)byte;
		assert_int_equal(is_taken(name), is_text && byte != ':');
		assert_int_equal(is_taken(salt),
		    byte > ' ' && byte < 0x7f &&
			!is_one_of((char)byte, ":;*!\\"));
		for (i = 0; i < 3; i++) {
			char line[120];
			size_t n = strlen(hashes[i]);
			/* At the end \r is half a line end, and goes. */
			bool is_good = is_one_of((char)byte, coded);

			memcpy(line, hashes[i], n + 1);
			line[begins[i]] = (char)byte;
			assert_int_equal(is_taken(line), is_good);
			memcpy(line, hashes[i], n + 1);
			line[n - 1] = (char)byte;
			assert_int_equal(is_taken(line), is_good);
		}
	}
	(void)state;
}

static void
a_name_has_a_longest_length(void **state)
{
	char line[HTPASSWD_NAME_BYTES + 200];

	memset(line, 'n', sizeof(line));
	memcpy(line + HTPASSWD_NAME_BYTES, ":" SHA512, sizeof(":" SHA512));
	assert_true(is_taken(line));
	memcpy(line + HTPASSWD_NAME_BYTES + 1, ":" SHA512, sizeof(":" SHA512));
	line[HTPASSWD_NAME_BYTES] = 'n';
	assert_false(is_taken(line));
	(void)state;
}

static void
what_stands_before_the_text_is_not_touched(void **state)
{
	static struct htpasswd htpasswd;
	struct htpasswd_fault fault;
	char text[] = "\r\n";

	assert_int_equal(htpasswd_parse(&htpasswd, text + 1, 1, &fault), 0);
	assert_int_equal(text[0], '\r');
	(void)state;
}

static void
there_is_a_bound(void **state)
{
	static char text[(HTPASSWD_USERS + 1) * 128];
	static struct htpasswd htpasswd;
	struct htpasswd_fault fault;
	size_t n = 0;
	unsigned i;

	for (i = 0; i <= HTPASSWD_USERS; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n,
		    "u%u:" SHA512 "\n", i);
	assert_int_equal(htpasswd_parse(&htpasswd, text, n, &fault), -EBADMSG);
	assert_int_equal(fault.line, HTPASSWD_USERS + 1);
	(void)state;
}

static void
costs_are_told_apart(void **state)
{
	static const struct {
		const char *hash;
		const char *other;
		bool is_same;
	} cases[] = {
		{ "$2b$10$x", "$2y$10$y", true },
		{ "$2b$10$x", "$2b$11$x", false },
		{ "$2b$10$x", "$6$salt$x", false },
		{ "$6$salt$x", "$2b$10$x", false },
		{ "$6$salt$x", "$6$tlas$y", true },
		{ "$6$salt$x", "$5$salt$x", false },
		/* The salt is hashed in each round. */
		{ "$6$salt$x", "$6$longer$x", false },
		{ "$6$rounds=1000$salt$x", "$6$rounds=1000$tlas$y", true },
		{ "$6$rounds=1000$salt$x", "$6$rounds=1001$salt$x", false },
		{ "$6$rounds=1000$salt$x", "$6$salt$x", false },
		{ "$y$j9T$salt$x", "$y$j9T$other$x", true },
		{ "$y$j9T$salt$x", "$y$jAT$salt$x", false },
		{ "$y$j9T$salt$x", "$6$j9T$x", false },
		{ "$6$j9T$x", "$y$j9T$salt$x", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
		    htpasswd_is_same_cost(cases[i].hash, cases[i].other),
		    cases[i].is_same);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_file_is_read_or_its_fault_is_named),
		cmocka_unit_test(a_user_is_found_by_all_of_the_name),
		cmocka_unit_test(a_byte_that_is_0_ends_nothing_unseen),
		cmocka_unit_test(each_byte_is_taken_where_it_may_stand),
		cmocka_unit_test(a_name_has_a_longest_length),
		cmocka_unit_test(what_stands_before_the_text_is_not_touched),
		cmocka_unit_test(there_is_a_bound),
		cmocka_unit_test(costs_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
