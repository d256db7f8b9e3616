/* SPDX-License-Identifier: MIT */
/* Who may come in: names and passwords, tried out by crypt(3). */
#include "auth/basic_auth.h"

#include <crypt.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/read_file.h"

/*
 * The setting of digests, as cheap as there is: they are of a password that is
 * known to be good, and stay in the memory of this server.
 */
#define DIGEST_PREFIX "$5$"
#define DIGEST_ROUNDS 1000

/* --- at the start -------------------------------------------------------- */

/* Which of them this crypt(3) has no way to try out. */
static int
check_hashes(const struct htpasswd *htpasswd, struct htpasswd_fault *ret_fault)
{
	unsigned i;

	for (i = 0; i < htpasswd->count; i++) {
		if (crypt_checksalt(htpasswd->users[i].hash) !=
		    CRYPT_SALT_INVALID)
			continue;
		*ret_fault =
		    (struct htpasswd_fault){ "not a hash that crypt(3) knows",
			    htpasswd->users[i].line };
		return -EBADMSG;
	}
	return 0;
}

static int
parse(struct login *login, size_t n, struct htpasswd_fault *ret_fault)
{
	int r = htpasswd_parse(&login->htpasswd, login->text, n, ret_fault);

	if (r < 0)
		return r;
	r = check_hashes(&login->htpasswd, ret_fault);
	if (r < 0)
		return r;
	if (login->htpasswd.count == 0) {
		*ret_fault = (struct htpasswd_fault){ "no users", 1 };
		return -EBADMSG;
	}
	if (crypt_gensalt_rn(DIGEST_PREFIX, DIGEST_ROUNDS, NULL, 0,
		login->setting, sizeof(login->setting)) == NULL)
		return -errno;
	login->is_on = true;
	return 0;
}

int
login_open(struct login *ret_login, const char *path,
    struct htpasswd_fault *ret_fault)
{
	size_t n;
	int r;

	*ret_fault = (struct htpasswd_fault){ NULL, 0 };
	r = wholefile_read(path, &ret_login->text, &n);
	if (r < 0)
		return r;
	r = parse(ret_login, n, ret_fault);
	if (r < 0)
		login_close(ret_login);
	return r;
}

void
login_close(struct login *login)
{
	free(login->text);
	login->text = NULL;
	login->is_on = false;
}

/* --- for each client ----------------------------------------------------- */

/* What crypt(3) makes of it; a string of its own, or NULL. */
static const char *
hash_of(const char *phrase, const char *setting)
{
	/* Large, and touched only where somebody has to show a password. */
	static struct crypt_data data;

	return crypt_rn(phrase, setting, &data, sizeof(data));
}

/* For a name that is not known another's hash is tried: 0, 401 or 500. */
static int
try_hash(const struct login *login, const struct credentials *credentials)
{
	const char *known = htpasswd_find(&login->htpasswd, credentials->name);
	const char *hash =
	    known != NULL ? known : login->htpasswd.users[0].hash;
	const char *found = hash_of(credentials->password, hash);

	if (found == NULL)
		return 500;
	return known != NULL && strcmp(found, hash) == 0 ? 0 : 401;
}

/* The digest of a value; "" where there is none. */
static void
make_digest(char ret_digest[LOGIN_DIGEST_SIZE], const struct login *login,
    const struct login_pass *pass)
{
	const char *hash = hash_of(pass->value, login->setting);
	const char *digest = hash != NULL ? strrchr(hash, '$') : NULL;

	ret_digest[0] = '\0';
	if (digest != NULL && strlen(digest + 1) < LOGIN_DIGEST_SIZE)
		memcpy(ret_digest, digest + 1, strlen(digest + 1) + 1);
}

/* The process before this one has found it good. */
static bool
is_remembered(const struct login *login, const struct login_pass *pass)
{
	char digest[LOGIN_DIGEST_SIZE];

	if (pass->digest[0] == '\0')
		return false;
	make_digest(digest, login, pass);
	return strcmp(digest, pass->digest) == 0;
}

static void
wait_until(int64_t end_ms)
{
	const int64_t left_ms = end_ms - moment_now_ms();

	if (left_ms > 0)
		(void)poll(NULL, 0, (int)left_ms);
}

/* Tries it out, when it is its turn; as login_check(). */
static int
try_out(const struct login *login, const struct tcpserver_client *client,
    const struct credentials *credentials, bool *ret_was_tried)
{
	int64_t begin_ms;
	int status;

	if (tcpserver_client_take_turn(client, LOGIN_WAIT_MS) != 1)
		return 503;
	begin_ms = moment_now_ms();
	status = try_hash(login, credentials);
	tcpserver_client_end_turn(client);
	*ret_was_tried = true;
	if (status == 401)
		wait_until(begin_ms + LOGIN_WRONG_MS);
	if (status == 500)
		tcpserver_client_log(client,
		    "a password could not be tried out: crypt(3) has failed");
	return status;
}

int
login_check(const struct login *login, const struct tcpserver_client *client,
    struct login_pass *pass, struct piece value, bool *ret_was_tried)
{
	struct credentials credentials;
	int status = 0;

	*ret_was_tried = false;
	if (value.n == 0)
		return 401;
	if (pass->n > 0 && value.n == pass->n &&
	    memcmp(value.bytes, pass->value, pass->n) == 0)
		return 0;
	pass->n = 0;
	if (value.n >= sizeof(pass->value) ||
	    credentials_parse(&credentials, value) < 0)
		return 401;
	memcpy(pass->value, value.bytes, value.n);
	pass->value[value.n] = '\0';
	if (!is_remembered(login, pass))
		status = try_out(login, client, &credentials, ret_was_tried);
	if (status == 0) {
		pass->n = value.n;
		memcpy(pass->user, credentials.name,
		    strlen(credentials.name) + 1);
	}
	explicit_bzero(&credentials, sizeof(credentials));
	return status;
}

void
login_remember(const struct login *login, struct login_pass *pass)
{
	if (pass->n > 0)
		make_digest(pass->digest, login, pass);
}
