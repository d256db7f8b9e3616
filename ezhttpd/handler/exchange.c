/* SPDX-License-Identifier: MIT */
/* A request, the way out, and the answers that need nothing else. */
#include "handler/exchange.h"

#include <errno.h>

struct response
exchange_response(const struct exchange *exchange, int status)
{
	const struct serving *serving = exchange->service->serving;

	return (struct response){
		.status = status,
		.fields = { serving->fields, serving->field_bytes },
		.has_cors = serving->has_cors,
		.now_s = exchange->now_s,
		.length = RESPONSE_NONE,
		.modified_s = RESPONSE_NONE,
		.total = RESPONSE_NONE,
		.is_last = exchange->is_last,
		.is_old = exchange->request->minor == 0,
	};
}

int
exchange_put_head(struct exchange *exchange, const struct response *response,
    struct text *ret_text)
{
	struct sender *sender = exchange->sender;

	text_init(ret_text, sender->bytes, sizeof(sender->bytes));
	response_format(ret_text, response);
	exchange->status = response->status;
	exchange->head_bytes = (int64_t)ret_text->n;
	return ret_text->is_cut ? -EMSGSIZE : 0;
}

bool
exchange_wants_body(const struct exchange *exchange)
{
	return exchange->request->method != REQUEST_HEAD;
}

int
exchange_send_text(struct exchange *exchange, const struct text *text)
{
	return sender_send(exchange->sender, text->bytes, text->n);
}

int
exchange_send_page(struct exchange *exchange, struct response *response)
{
	char bytes[RESPONSE_PAGE_BYTES];
	struct text page;
	struct text text;
	int r;

	text_init(&page, bytes, sizeof(bytes));
	response_page(&page, response->status);
	response->type = EXCHANGE_HTML;
	response->policy = RESPONSE_PAGE_POLICY;
	response->length = (int64_t)page.n;
	r = exchange_put_head(exchange, response, &text);
	if (r < 0)
		return r;
	if (exchange_wants_body(exchange))
		text_put(&text, page.bytes, page.n);
	if (text.is_cut)
		return -EMSGSIZE;
	return exchange_send_text(exchange, &text);
}

int
exchange_send_head(struct exchange *exchange, const struct response *response)
{
	struct text text;
	int r = exchange_put_head(exchange, response, &text);

	if (r < 0)
		return r;
	return exchange_send_text(exchange, &text);
}

int
exchange_refuse(struct exchange *exchange, int status)
{
	struct response response = exchange_response(exchange, status);

	response.has_methods = status == 405;
	return exchange_send_page(exchange, &response);
}
