/* SPDX-License-Identifier: MIT */
/* One connection: requests read one after the other, and answered in order. */
#include "connection/connection.h"

#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "common/clock.h"
#include "connection/removed_root.h"
#include "handler/access_log.h"
#include "handler/dispatch.h"
#include "http/parser.h"
#include "net/sender.h"

/*
 * The connection as the child knows it.  One of them, in memory that costs
 * nothing before it is touched; what every request touches lies together.
 */
struct session {
	const struct tcpserver_client *client;
	const struct service *service;
	unsigned requests;
	bool is_stopping;
	/* There is nothing to do but to wait. */
	bool is_idle;
	bool is_last;
	/* When the head has to be there; 0: no need to know yet. */
	int64_t deadline_ms;
	/* What has arrived and was not yet used: in[start] to in[end - 1]. */
	size_t start;
	size_t end;
	struct request request;
	char in[REQUEST_HEAD_BYTES];
	struct sender sender;
	/* Only where a password is asked for. */
	struct login_pass pass;
};

/* Moves what has arrived to the front, so that a whole head has room. */
static void
make_room(struct session *session)
{
	if (session->start == 0)
		return;
	memmove(session->in, session->in + session->start,
	    session->end - session->start);
	session->end -= session->start;
	session->start = 0;
}

static bool
is_between_requests(const struct session *session)
{
	return session->requests > 0 && session->end == 0;
}

/*
 * Waits for the client's next bytes.
 * Returns 0 when it is worth looking, -ETIMEDOUT, or another errno.
 */
static int
wait_for_bytes(struct session *session, int64_t timeout_ms)
{
	int r;

	if (timeout_ms <= 0)
		return -ETIMEDOUT;
	r = tcpserver_client_wait(session->client, (uint32_t)timeout_ms);
	if (r == 0)
		return -ETIMEDOUT;
	if (r == -ECANCELED) {
		/* A request that is here, or on its way, is still answered. */
		session->is_stopping = true;
		return 0;
	}
	/* Its slot is wanted: it goes between two requests, and at once. */
	if (r == -EBUSY)
		return is_between_requests(session) ? -ETIMEDOUT : 0;
	return r < 0 ? r : 0;
}

/* Waits while a head is on its way, until its deadline. */
static int
wait_for_head(struct session *session)
{
	int64_t now_ms = moment_now_ms();

	if (session->deadline_ms == 0)
		session->deadline_ms = now_ms + SESSION_HEAD_MS;
	return wait_for_bytes(session, session->deadline_ms - now_ms);
}

/*
 * Reads what there is, waiting for it if need be.
 * Returns the bytes read, 0 at the end, or a negative errno.
 */
static ssize_t
receive(struct session *session)
{
	int r = 0;

	make_room(session);
	/* Between requests the next one is seldom there: wait first. */
	if (is_between_requests(session))
		r = wait_for_bytes(session,
		    session->client->is_scarce != 0 ? SESSION_PARK_SCARCE_MS
						    : SESSION_PARK_MS);
	while (r == 0) {
		ssize_t n =
		    recv(session->client->fd, session->in + session->end,
			sizeof(session->in) - session->end, MSG_DONTWAIT);

		if (n >= 0)
			return n;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		if (session->is_stopping && session->end == 0)
			return 0;
		r = wait_for_head(session);
	}
	return r;
}

/*
 * Reads the next head.
 * Returns its length; 0 when there is none and nothing to say; or a negative
 * errno, with the status to send.
 */
static int
read_head(struct session *session)
{
	struct request *request = &session->request;
	ssize_t n = 0;
	int r;

	*request = (struct request){ 0 };
	session->deadline_ms = 0;
	for (;;) {
		r = session->end == session->start
		    ? -EAGAIN
		    : request_parse(request, session->in + session->start,
			  session->end - session->start);
		if (r != -EAGAIN)
			return r;
		n = receive(session);
		if (n <= 0)
			break;
		session->end += (size_t)n;
	}
	if (n == -ETIMEDOUT && session->requests > 0 && session->end == 0)
		session->is_idle = true;
	if (n == -ETIMEDOUT && session->end > 0) {
		request->status = 408;
		return -ETIMEDOUT;
	}
	return 0;
}

/* Of the body, what the client got, or the kernel still holds for it. */
static int64_t
body_bytes(const struct session *session, const struct exchange *exchange)
{
	int64_t sent = session->sender.sent_bytes;

	return sent > exchange->head_bytes ? sent - exchange->head_bytes : 0;
}

static void
write_log(const struct session *session, const struct exchange *exchange)
{
	const struct accesslog_entry entry = {
		.peer_text = session->client->peer_text,
		.user = exchange->user,
		.now_s = exchange->now_s,
		.head = exchange->head,
		.request = exchange->request,
		.status = exchange->status,
		.body_bytes = body_bytes(session, exchange),
	};
	/* Not on the stack, where the compiler would clear it each time. */
	static char line[ACCESSLOG_SIZE];

	session->service->write_line(line, &entry);
	tcpserver_client_log(session->client, line);
}

/* Answers the request whose head was read, or refused; as sender_send(). */
static int
answer(struct session *session)
{
	const struct request *request = &session->request;
	struct exchange exchange = {
		.service = session->service,
		.client = session->client,
		.pass = &session->pass,
		.head = session->in + session->start,
		.request = request,
		.sender = &session->sender,
		.now_s = moment_wall_s(),
		.is_last = session->is_last,
	};
	int r;

	session->sender.sent_bytes = 0;
	if (request->status != 0)
		r = exchange_refuse(&exchange, request->status);
	else
		r = resource_answer(&exchange);
	session->is_last = exchange.is_last;
	if (exchange.status == 404)
		removed_root_report(session->service, session->client,
		    moment_now_ms());
	if (session->service->write_line != NULL)
		write_log(session, &exchange);
	return r;
}

/* One request; returns false when it was the last. */
static bool
serve_next(struct session *session, enum tcpserver_verdict *ret_verdict)
{
	const struct request *request = &session->request;
	int head_bytes = read_head(session);

	*ret_verdict = session->is_idle ? TCPSERVER_PARK : TCPSERVER_CLOSE;
	if (head_bytes == 0)
		return false;
	session->requests++;
	session->is_last = head_bytes < 0 || !request->is_kept ||
	    request->body != REQUEST_NO_BODY || session->is_stopping ||
	    session->requests >= SESSION_REQUESTS;
	/* Parking would lose the part of the next request that was read. */
	if (session->start + (size_t)head_bytes < session->end &&
	    tcpserver_client_must_yield(session->client) != 0)
		session->is_last = true;
	if (answer(session) < 0) {
		*ret_verdict = TCPSERVER_RESET;
		return false;
	}
	if (session->is_last)
		return false;
	session->start += (size_t)head_bytes;
	if (session->start < session->end ||
	    tcpserver_client_must_yield(session->client) == 0)
		return true;
	*ret_verdict = TCPSERVER_PARK;
	return false;
}

/* What is kept of a connection while it is parked. */
struct memory {
	/* How much it has asked. */
	unsigned requests;
	char digest[LOGIN_DIGEST_SIZE];
};

_Static_assert(sizeof(struct memory) <= TCPSERVER_STATE_BYTES,
    "it can be left with a connection");

static void
recall(struct session *session)
{
	const struct tcpserver_client *client = session->client;
	struct memory memory;

	if (client->state_bytes != sizeof(memory))
		return;
	memcpy(&memory, client->state, sizeof(memory));
	session->requests = memory.requests;
	memcpy(session->pass.digest, memory.digest, sizeof(memory.digest));
}

static void
remember(struct session *session)
{
	struct memory memory = { .requests = session->requests };

	login_remember(&session->service->login, &session->pass);
	memcpy(memory.digest, session->pass.digest, sizeof(memory.digest));
	(void)tcpserver_client_set_state(session->client, &memory,
	    sizeof(memory));
}

enum tcpserver_verdict
session_serve(const struct tcpserver_client *client, void *arg)
{
	static struct session session;
	enum tcpserver_verdict verdict;

	session.client = client;
	session.service = arg;
	session.sender.fd = client->fd;
	recall(&session);
	while (serve_next(&session, &verdict))
		;
	if (verdict == TCPSERVER_PARK)
		remember(&session);
	return verdict;
}
