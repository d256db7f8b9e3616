/* SPDX-License-Identifier: MIT */
/* A request, the way out, and the answers that need nothing else. */
#ifndef EZHTTPD_HANDLER_EXCHANGE_H
#define EZHTTPD_HANDLER_EXCHANGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "auth/basic_auth.h"
#include "common/textbuf.h"
#include "config/site_config.h"
#include "files/docroot.h"
#include "files/mime.h"
#include "handler/access_log.h"
#include "http/request.h"
#include "http/response.h"
#include "net/sender.h"

/* The type of the pages that are made here. */
#define EXCHANGE_HTML "text/html; charset=utf-8"

/*
 * When the next line may be logged about a directory that has been removed, in
 * memory that all processes share.
 */
struct removed_root {
	_Atomic int64_t *next_ms;
};

/* What all requests share; never changed while clients are served. */
struct service {
	/* The folder that is served, by the name that was given. */
	const char *folder;
	struct removed_root removed;
	struct mime mime;
	struct login login;
	const struct serving *serving;
	/* Writes the lines of the log; NULL for none. */
	accesslog_writer *write_line;
};

/* A request, the way out, and what became of it. */
struct exchange {
	const struct service *service;
	const struct tcpserver_client *client;
	/* The folder of the host that is asked for. */
	struct site_root home;
	/* What the connection has shown of who it is. */
	struct login_pass *pass;
	/* The head, and where its parts are. */
	const char *head;
	const struct request *request;
	struct sender *sender;
	/* The time, for Date and the log. */
	int64_t now_s;
	/* No request is read after this one. */
	bool is_last;
	/* Who has asked, as far as it was shown, or NULL. */
	const char *user;
	/* For the log: what was answered, and how much of it is the head. */
	int status;
	int64_t head_bytes;
};

/*
 * All that send return 0; a negative errno means that the answer did not get
 * through whole and the connection can only be cut.
 */

/* An answer of that status to begin with: it says nothing yet. */
struct response exchange_response(const struct exchange *exchange, int status);

/* Puts the head into the sender's room, for what belongs behind it. */
int exchange_put_head(struct exchange *exchange,
    const struct response *response, struct text *ret_text);

/* False for HEAD. */
bool exchange_wants_body(const struct exchange *exchange);

/* Sends what was put together. */
int exchange_send_text(struct exchange *exchange, const struct text *text);

/* Sends a head that has no body. */
int exchange_send_head(struct exchange *exchange,
    const struct response *response);

/* Sends a head and, where a body is wanted, the page of its status. */
int exchange_send_page(struct exchange *exchange, struct response *response);

/* Answers with the page of a status. */
int exchange_refuse(struct exchange *exchange, int status);

#endif
