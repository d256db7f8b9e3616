/* SPDX-License-Identifier: MIT */
/* Who may come in: names and passwords, tried out by crypt(3). */
#include "auth/basic_auth.h"

#include <crypt.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "common/clock.h"
#include "common/read_file.h"

/*
 * The setting of digests, as cheap as there is: they are of a password that is
 * known to be good, and stay in the memory of this server.
 */
#define DIGEST_PREFIX "$5$"
#define DIGEST_ROUNDS 1000
/* Between two attempts to get a token. */
#define TOKEN_WAIT_MS 50

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

static bool
has_cost(const struct login *login, const char *hash)
{
	for (unsigned i = 0; i < login->cost_count; i++)
		if (htpasswd_is_same_cost(login->costs[i], hash))
			return true;
	return false;
}

static int
collect_costs(struct login *login, struct htpasswd_fault *ret_fault)
{
	const struct htpasswd *htpasswd = &login->htpasswd;

	login->cost_count = 0;
	for (unsigned i = 0; i < htpasswd->count; i++) {
		if (has_cost(login, htpasswd->users[i].hash))
			continue;
		if (login->cost_count == LOGIN_COSTS) {
			*ret_fault = (struct htpasswd_fault){
				"more than 8 kinds and costs of hashes",
				htpasswd->users[i].line
			};
			return -EBADMSG;
		}
		login->costs[login->cost_count++] = htpasswd->users[i].hash;
	}
	return 0;
}

static int
open_guesses(struct login *login)
{
	void *memory = mmap(NULL, sizeof(struct guess_limit),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return -errno;
	login->guesses = memory;
	login->guesses_per_source = GUESS_LIMIT_SOURCE;
	return 0;
}

static int
parse(struct login *login, size_t n, struct htpasswd_fault *ret_fault)
{
	int r = htpasswd_parse(&login->htpasswd, login->text, n, ret_fault);

	if (r == 0)
		r = check_hashes(&login->htpasswd, ret_fault);
	if (r == 0)
		r = collect_costs(login, ret_fault);
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
	ret_login->guesses = NULL;
	r = parse(ret_login, n, ret_fault);
	if (r == 0)
		r = open_guesses(ret_login);
	if (r < 0)
		login_close(ret_login);
	return r;
}

void
login_close(struct login *login)
{
	if (login->guesses != NULL)
		(void)munmap(login->guesses, sizeof(*login->guesses));
	login->guesses = NULL;
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

/*
 * Returns 0, 401 or 500.  A wrong password is hashed once for each cost that
 * there is in the file, so the work is the same for every name: where the name
 * is known, its hash takes the place of the one with the same cost.
 */
static int
try_hashes(const struct login *login, const struct credentials *credentials)
{
	const char *known = htpasswd_find(&login->htpasswd, credentials->name);

	for (unsigned i = 0; i < login->cost_count; i++) {
		const bool is_own = known != NULL &&
		    htpasswd_is_same_cost(known, login->costs[i]);
		const char *hash = is_own ? known : login->costs[i];
		const char *found = hash_of(credentials->password, hash);

		if (found == NULL)
			return 500;
		if (is_own && strcmp(found, known) == 0)
			return 0;
	}
	return 401;
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

/* Waits, while the client is there.  Returns whether it still is. */
static bool
wait_until(const struct tcpserver_client *client, int64_t end_ms)
{
	/* Its end alone is waited for, which need not be asked for. */
	struct pollfd end = { .fd = client->fd };
	const int64_t left_ms = end_ms - moment_now_ms();

	return left_ms <= 0 || poll(&end, 1, (int)left_ms) == 0;
}

/* Takes a token of the client's source: 0, or -EAGAIN. */
static int
take_token(const struct login *login, const struct tcpserver_client *client,
    struct guess_taken *ret_taken)
{
	return guess_limit_take(login->guesses,
	    guess_limit_source(client->peer_text), login->guesses_per_source,
	    moment_now_ms(), ret_taken);
}

/*
 * Waits for a turn and a token.  The turn is given back while there is no
 * token: those who guess must not keep others from their turn.
 * Returns whether it has both.
 */
static bool
begin_trial(const struct login *login, const struct tcpserver_client *client,
    struct guess_taken *ret_taken)
{
	const int64_t end_ms = moment_now_ms() + LOGIN_WAIT_MS;
	int64_t now_ms;

	for (;;) {
		now_ms = moment_now_ms();
		if (now_ms >= end_ms ||
		    tcpserver_client_take_turn(client,
			(uint32_t)(end_ms - now_ms)) != 1)
			return false;
		if (take_token(login, client, ret_taken) == 0)
			return true;
		tcpserver_client_end_turn(client);
		if (!wait_until(client, moment_now_ms() + TOKEN_WAIT_MS))
			return false;
	}
}

/* Tries it out, when it is its turn; as login_check(). */
static int
try_out(const struct login *login, const struct tcpserver_client *client,
    const struct credentials *credentials, bool *ret_was_tried)
{
	struct guess_taken taken;
	int status;

	if (!begin_trial(login, client, &taken))
		return 503;
	status = try_hashes(login, credentials);
	tcpserver_client_end_turn(client);
	*ret_was_tried = true;
	if (status == 0)
		guess_limit_give_back(login->guesses, &taken);
	if (status == 401)
		(void)wait_until(client, taken.end_ms);
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
