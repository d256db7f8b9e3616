/* SPDX-License-Identifier: MIT */
/* Answers that what is asked for is elsewhere. */
#include "handler/send_redirect.h"

#include <errno.h>
#include <string.h>

#include "http/location.h"

static int
send_away(struct exchange *exchange, struct response *response)
{
	int r = exchange_send_page(exchange, response);

	return r == -EMSGSIZE ? exchange_refuse(exchange, 414) : r;
}

/* Answers that it is at `reference`, which is relative, with the same query. */
static int
send_reference(struct exchange *exchange, const struct text *reference)
{
	struct response response = exchange_response(exchange, 301);

	if (reference->is_cut)
		return exchange_refuse(exchange, 414);
	response.location = (struct piece){ reference->bytes, reference->n };
	response.path = "";
	response.query = request_query(exchange->request, exchange->head);
	return send_away(exchange, &response);
}

int
redirect_to_slash(struct exchange *exchange)
{
	static char bytes[LOCATION_BYTES];
	struct text reference;

	text_init(&reference, bytes, sizeof(bytes));
	location_put_slash(&reference,
	    request_path(exchange->request, exchange->head));
	return send_reference(exchange, &reference);
}

int
redirect_to_encoded(struct exchange *exchange)
{
	static char bytes[LOCATION_BYTES];
	struct text reference;

	text_init(&reference, bytes, sizeof(bytes));
	if (!location_put_same(&reference,
		request_path(exchange->request, exchange->head)))
		return exchange_refuse(exchange, 400);
	return send_reference(exchange, &reference);
}

int
redirect_by_rule(struct exchange *exchange, const struct redirect *redirect,
    const struct urlpath *path, const char *rest)
{
	struct response response = exchange_response(exchange, 301);

	response.location = redirect->to;
	response.path = redirect->has_rest ? rest : "";
	response.has_slash = path->is_folder && response.path[0] != '\0';
	if (memchr(redirect->to.bytes, '?', redirect->to.n) == NULL)
		response.query =
		    request_query(exchange->request, exchange->head);
	return send_away(exchange, &response);
}
