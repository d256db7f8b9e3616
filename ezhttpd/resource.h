/* SPDX-License-Identifier: MIT */
/* One request, one answer. */
#ifndef EZHTTPD_RESOURCE_H
#define EZHTTPD_RESOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "mime.h"
#include "request.h"
#include "sender.h"

/* What all requests share; never changed while clients are served. */
struct service {
	struct mime mime;
	bool has_listing;
	bool has_log;
};

/* A request, the way out, and what became of it. */
struct exchange {
	const struct service *service;
	int root_fd;
	/* The head, and where its parts are. */
	const char *head;
	const struct request *request;
	struct sender *sender;
	/* The time, for Date and the log. */
	int64_t now_s;
	/* No request is read after this one. */
	bool is_last;
	/* For the log: what was answered, and how much of it is the head. */
	int status;
	int64_t head_bytes;
};

/*
 * Answers the request.
 * Returns 0; a negative errno means that the answer did not get through whole
 * and the connection can only be cut.
 */
int resource_answer(struct exchange *exchange);

/* Answers with the page of a status; returns as resource_answer(). */
int resource_refuse(struct exchange *exchange, int status);

#endif
