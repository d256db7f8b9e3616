/* SPDX-License-Identifier: MIT */
/* Answers with a file. */
#include "filesend.h"

#include <errno.h>
#include <unistd.h>

#include "conditional.h"

/* A body up to this size is sent together with its head. */
#define SMALL_BYTES 16384

/* Appends a small file to its head, and sends both at once. */
static int
send_small(struct exchange *exchange, struct text *text,
    const struct site_file *file)
{
	const size_t n = (size_t)file->size;
	ssize_t got = pread(file->fd, text->bytes + text->n, n, 0);

	/* It has become shorter, and its length is announced. */
	if (got != (ssize_t)n)
		return got < 0 ? -errno : -EIO;
	text->n += n;
	return exchange_send_text(exchange, text);
}

static int
send_large(struct exchange *exchange, const struct text *text,
    const struct site_file *file)
{
	int r = sender_send_more(exchange->sender, text->bytes, text->n);

	if (r < 0)
		return r;
	return sender_send_file(exchange->sender, file->fd, file->size);
}

static int
check_conditions(const struct exchange *exchange, int64_t modified_s)
{
	const struct request *request = exchange->request;
	const struct request_span since =
	    request->field[REQUEST_IF_MODIFIED_SINCE];
	struct conditional condition = {
		.modified_since_bytes = since.n,
		.is_repeated =
		    (request->repeated >> REQUEST_IF_MODIFIED_SINCE & 1) != 0,
		.has_none_match = request_has(request, REQUEST_IF_NONE_MATCH),
	};

	if (request_has(request, REQUEST_IF_MODIFIED_SINCE))
		condition.modified_since = exchange->head + since.start;
	return conditional_status(&condition, modified_s, exchange->now_s);
}

/* RFC 9110, 8.8.2.1: not later than Date; and not before there were dates. */
static int64_t
modified_of(const struct exchange *exchange, const struct site_file *file)
{
	if (file->modified_s > exchange->now_s)
		return exchange->now_s;
	return file->modified_s < 0 ? 0 : file->modified_s;
}

int
filesend_answer(struct exchange *exchange, const struct site_file *file,
    const char *name, size_t name_bytes)
{
	struct response response = exchange_response(exchange, 200);
	struct text text;
	int r;

	response.modified_s = modified_of(exchange, file);
	if (check_conditions(exchange, response.modified_s) == 304) {
		response.status = 304;
		return exchange_send_head(exchange, &response);
	}
	response.length = file->size;
	response.type = mime_type(&exchange->service->mime, name, name_bytes);
	r = exchange_put_head(exchange, &response, &text);
	if (r < 0)
		return r;
	if (!exchange_wants_body(exchange) || file->size == 0)
		return exchange_send_text(exchange, &text);
	if (file->size <= SMALL_BYTES)
		return send_small(exchange, &text, file);
	return send_large(exchange, &text, file);
}
