/* SPDX-License-Identifier: MIT */
/* Users and the hashes of their passwords, as htpasswd(1) keeps them; pure. */
#include "auth/htpasswd.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* The largest cost of bcrypt, and the most rounds of SHA-2. */
#define BCRYPT_COST_MAX 14
#define ROUNDS_MAX 1000000

static const char kinds[] =
    "not a hash of bcrypt, SHA-512, SHA-256 or yescrypt (see htpasswd -B)";
static const char costs[] = "a hash that costs too much to try out";

static bool
begins_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* The characters of base 64, in the order of crypt(5). */
static bool
is_coded(const char *text, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		bool is_letter = (text[i] >= 'a' && text[i] <= 'z') ||
		    (text[i] >= 'A' && text[i] <= 'Z');

		if (!is_letter && (text[i] < '.' || text[i] > '9'))
			return false;
	}
	return text[n] == '\0';
}

/* A number up to the next '$'.  Returns what is wrong with it, or NULL. */
static const char *
check_cost(const char *text, unsigned most)
{
	unsigned value = 0;

	if (*text == '$')
		return kinds;
	for (; *text != '$'; text++) {
		if (*text < '0' || *text > '9')
			return kinds;
		/* Larger than the most, it stays so, and does not wrap. */
		if (value <= most)
			value = value * 10 + (unsigned)(*text - '0');
	}
	return value > most ? costs : NULL;
}

/* "$2b$10$", 22 characters of salt and 31 of the hash. */
static const char *
check_bcrypt(const char *hash)
{
	if (strlen(hash) != 60 || hash[6] != '$' || !is_coded(hash + 7, 53))
		return kinds;
	return check_cost(hash + 4, BCRYPT_COST_MAX);
}

/* "$6$rounds=5000$", of which the rounds may be missing, salt, "$" and hash. */
static const char *
check_sha2(const char *hash)
{
	static const char rounds[] = "rounds=";
	const char *last = strrchr(hash, '$') + 1;
	const size_t n = hash[1] == '5' ? 43 : 86;

	if (last == hash + 3 || strlen(last) != n || !is_coded(last, n))
		return kinds;
	if (!begins_with(hash + 3, rounds))
		return NULL;
	return check_cost(hash + 3 + strlen(rounds), ROUNDS_MAX);
}

/* "$y$j9T$", salt, "$" and hash; these parameters are those of crypt(3). */
static const char *
check_yescrypt(const char *hash)
{
	static const char *const known[] = { "j75$", "j85$", "j7T$", "j8T$",
		"j9T$", "jAT$", "jBT$" };
	const char *last = strrchr(hash, '$') + 1;
	size_t i;

	if (strlen(hash) < 8 || last <= hash + 7 || strlen(last) != 43 ||
	    !is_coded(last, 43))
		return kinds;
	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (begins_with(hash + 3, known[i]))
			return NULL;
	}
	return costs;
}

/* Visible, and none of those that crypt(5) forbids. */
static bool
is_hash(const char *hash)
{
	for (; *hash != '\0'; hash++) {
		if (*hash <= ' ' || *hash >= 0x7f ||
		    strchr(":;*!\\", *hash) != NULL)
			return false;
	}
	return true;
}

/* Returns what is wrong with a hash, or NULL. */
static const char *
check_hash(const char *hash)
{
	static const struct {
		const char *start;
		const char *(*check)(const char *hash);
	} checks[] = {
		{ "$2a$", check_bcrypt },
		{ "$2b$", check_bcrypt },
		{ "$2y$", check_bcrypt },
		{ "$5$", check_sha2 },
		{ "$6$", check_sha2 },
		{ "$y$", check_yescrypt },
	};
	size_t i;

	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (begins_with(hash, checks[i].start))
			return is_hash(hash) ? checks[i].check(hash) : kinds;
	}
	return kinds;
}

static bool
is_name(const char *name)
{
	size_t n = 0;

	for (; name[n] != '\0'; n++) {
		if ((unsigned char)name[n] < ' ' || name[n] == 0x7f)
			return false;
	}
	return n > 0 && n <= HTPASSWD_NAME_BYTES;
}

/* Reads a line, cut into a string.  Returns what is wrong with it, or NULL. */
static const char *
take_line(struct htpasswd *htpasswd, char *line, unsigned number_of_line)
{
	char *colon = strchr(line, ':');
	const char *fault;

	if (line[0] == '\0' || line[0] == '#')
		return NULL;
	if (colon == NULL)
		return "not a name and a hash";
	*colon = '\0';
	if (!is_name(line))
		return "not a name";
	fault = check_hash(colon + 1);
	if (fault != NULL)
		return fault;
	if (htpasswd_find(htpasswd, line) != NULL)
		return "a name that was there before";
	if (htpasswd->count == HTPASSWD_USERS)
		return "too many users";
	htpasswd->users[htpasswd->count++] =
	    (struct htpasswd_user){ line, colon + 1, number_of_line };
	return NULL;
}

int
htpasswd_parse(struct htpasswd *ret_htpasswd, char *text, size_t n,
    struct htpasswd_fault *ret_fault)
{
	char *const end = text + n;
	unsigned line = 0;

	ret_htpasswd->count = 0;
	while (text < end) {
		char *next = memchr(text, '\n', (size_t)(end - text));
		char *last = next != NULL ? next : end;
		const char *what = "a byte that is 0";

		line++;
		next = last + 1;
		if (last > text && last[-1] == '\r')
			last--;
		*last = '\0';
		if (strlen(text) == (size_t)(last - text))
			what = take_line(ret_htpasswd, text, line);
		if (what != NULL) {
			*ret_fault = (struct htpasswd_fault){ what, line };
			return -EBADMSG;
		}
		text = next;
	}
	return 0;
}

/* SHA-2 also takes the salt in each round. */
static size_t
setting_bytes(const char *hash)
{
	return (size_t)(strrchr(hash, '$') - hash);
}

/* The part in front of the salt, of "$6$rounds=5000$salt$hash". */
static size_t
sha2_parameter_bytes(const char *hash)
{
	const char *rounds = hash + 3;

	if (!begins_with(rounds, "rounds="))
		return 3;
	return 3 + strcspn(rounds, "$");
}

bool
htpasswd_is_same_cost(const char *hash, const char *other)
{
	size_t n;

	if (begins_with(hash, "$2") && begins_with(other, "$2"))
		return strncmp(hash + 4, other + 4, 2) == 0;
	if (begins_with(hash, "$y$"))
		return strncmp(hash, other, strlen("$y$j9T$")) == 0;
	n = sha2_parameter_bytes(hash);
	return n == sha2_parameter_bytes(other) &&
	    memcmp(hash, other, n) == 0 &&
	    setting_bytes(hash) == setting_bytes(other);
}

const char *
htpasswd_find(const struct htpasswd *htpasswd, const char *name)
{
	unsigned i;

	for (i = 0; i < htpasswd->count; i++) {
		if (strcmp(htpasswd->users[i].name, name) == 0)
			return htpasswd->users[i].hash;
	}
	return NULL;
}
