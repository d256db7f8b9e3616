/* SPDX-License-Identifier: MIT */
/* Users and the hashes of their passwords, as htpasswd(1) keeps them; pure. */
#include "htpasswd.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Longest hash, of any kind: see CRYPT_OUTPUT_SIZE in crypt(3). */
#define HASH_BYTES 383

static bool
begins_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

/* crypt(5). */
static bool
is_slow(const char *hash)
{
	static const char *const slow[] = { "$2a$", "$2b$", "$2y$", "$5$",
		"$6$", "$y$" };
	size_t i;

	for (i = 0; i < sizeof(slow) / sizeof(slow[0]); i++) {
		if (begins_with(hash, slow[i]))
			return true;
	}
	return false;
}

/* Visible, and none of those that crypt(5) forbids. */
static bool
is_hash(const char *hash)
{
	size_t n = 0;

	for (; hash[n] != '\0'; n++) {
		if (hash[n] <= ' ' || hash[n] >= 0x7f ||
		    strchr(":;*!\\", hash[n]) != NULL)
			return false;
	}
	return n <= HASH_BYTES;
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
take_line(struct htpasswd *htpasswd, char *line)
{
	char *colon = strchr(line, ':');

	if (line[0] == '\0' || line[0] == '#')
		return NULL;
	if (colon == NULL)
		return "not a name and a hash";
	*colon = '\0';
	if (!is_name(line))
		return "not a name";
	if (!is_slow(colon + 1))
		return "not a hash of bcrypt, SHA-512 or yescrypt"
		       " (see htpasswd -B)";
	if (!is_hash(colon + 1))
		return "not a hash";
	if (htpasswd_find(htpasswd, line) != NULL)
		return "a name that was there before";
	if (htpasswd->count == HTPASSWD_USERS)
		return "too many users";
	htpasswd->users[htpasswd->count++] =
	    (struct htpasswd_user){ line, colon + 1 };
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
			what = take_line(ret_htpasswd, text);
		if (what != NULL) {
			*ret_fault = (struct htpasswd_fault){ what, line };
			return -EBADMSG;
		}
		text = next;
	}
	return 0;
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
