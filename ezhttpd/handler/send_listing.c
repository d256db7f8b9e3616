/* SPDX-License-Identifier: MIT */
/* Answers with the listing of a folder. */
#include "handler/send_listing.h"

#include "http/accept.h"
#include "listing/listing.h"
#include "listing/listing_html.h"
#include "listing/listing_json.h"
#include "listing/read_dir.h"

/* The forms that a listing is given, and how the parts of each are written. */
static const struct form {
	const char *type;
	void (*put_head)(struct text *text, const struct listing *listing,
	    const char *path);
	void (*put_row)(struct text *text, const struct listing *listing,
	    size_t index);
	void (*put_foot)(struct text *text, const struct listing *listing);
} forms[] = {
	[ACCEPT_HTML] = { EXCHANGE_HTML, listpage_put_head, listpage_put_row,
	    listpage_put_foot },
	[ACCEPT_JSON] = { "application/json", listjson_put_head,
	    listjson_put_row, listjson_put_foot },
};

/* A listing in its form. */
struct shown {
	const struct form *form;
	const struct listing *listing;
	const char *path;
};

/* How long it will be: each part is written to be measured. */
static int64_t
measure(struct exchange *exchange, const struct shown *shown)
{
	struct sender *sender = exchange->sender;
	struct text text;
	int64_t total;
	size_t i;

	text_init(&text, sender->bytes, sizeof(sender->bytes));
	shown->form->put_head(&text, shown->listing, shown->path);
	shown->form->put_foot(&text, shown->listing);
	total = (int64_t)text.n;
	for (i = 0; i < shown->listing->count; i++) {
		text_init(&text, sender->bytes, sizeof(sender->bytes));
		shown->form->put_row(&text, shown->listing, i);
		total += (int64_t)text.n;
	}
	return total;
}

/* Sends what was put together, if there may be no room for one part more. */
static int
flush_full(struct exchange *exchange, struct text *text)
{
	int r;

	if (text->size - text->n >= LISTING_PART_BYTES)
		return 0;
	r = sender_send_more(exchange->sender, text->bytes, text->n);
	text->n = 0;
	return r;
}

static int
send_rows(struct exchange *exchange, const struct shown *shown,
    struct text *text)
{
	size_t i;

	for (i = 0; i < shown->listing->count; i++) {
		int r = flush_full(exchange, text);

		if (r < 0)
			return r;
		shown->form->put_row(text, shown->listing, i);
	}
	return flush_full(exchange, text);
}

static void
describe(struct response *response, const struct form *form)
{
	response->type = form->type;
	response->policy = LISTPAGE_POLICY;
	response->has_forms = true;
}

/*
 * RFC 9110, 9.3.2: what could only be known by making the content may be left
 * out, and a folder of many names is not read for nothing.
 */
static int
send_head_only(struct exchange *exchange, const struct form *form)
{
	struct response response = exchange_response(exchange, 200);

	describe(&response, form);
	return exchange_send_head(exchange, &response);
}

static int
send_listing(struct exchange *exchange, const struct shown *shown)
{
	struct response response = exchange_response(exchange, 200);
	struct text text;
	int r;

	describe(&response, shown->form);
	response.length = measure(exchange, shown);
	response.is_cut = listing_is_cut(shown->listing);
	r = exchange_put_head(exchange, &response, &text);
	if (r < 0)
		return r;
	shown->form->put_head(&text, shown->listing, shown->path);
	r = send_rows(exchange, shown, &text);
	if (r < 0)
		return r;
	shown->form->put_foot(&text, shown->listing);
	return exchange_send_text(exchange, &text);
}

int
listsend_answer(struct exchange *exchange, const struct site_file *folder,
    struct place *place)
{
	static struct listing listing;
	const struct request *request = exchange->request;
	const enum accept_type type = accept_choose(request, exchange->head);
	const struct shown shown = { &forms[type], &listing,
		place_shown(place) };
	int status;

	if (!exchange_wants_body(exchange))
		return send_head_only(exchange, shown.form);
	listing_init(&listing,
	    listorder_parse(request_query(request, exchange->head)));
	status = folder_read(&listing, folder, place);
	if (status != 0)
		return exchange_refuse(exchange, status);
	listing_sort(&listing);
	return send_listing(exchange, &shown);
}
