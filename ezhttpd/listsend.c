/* SPDX-License-Identifier: MIT */
/* Answers with the listing of a folder. */
#include "listsend.h"

#include "folder.h"
#include "listing.h"
#include "listpage.h"

/* How long the page will be: each part is written to be measured. */
static int64_t
measure_listing(struct exchange *exchange, const struct listing *listing,
    const char *path)
{
	struct sender *sender = exchange->sender;
	struct text text;
	int64_t total;
	size_t i;

	text_init(&text, sender->bytes, sizeof(sender->bytes));
	listpage_put_head(&text, path);
	listpage_put_foot(&text, listing);
	total = (int64_t)text.n;
	for (i = 0; i < listing->count; i++) {
		text_init(&text, sender->bytes, sizeof(sender->bytes));
		listpage_put_row(&text, listing, i);
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
send_rows(struct exchange *exchange, const struct listing *listing,
    struct text *text)
{
	size_t i;

	for (i = 0; i < listing->count; i++) {
		int r = flush_full(exchange, text);

		if (r < 0)
			return r;
		listpage_put_row(text, listing, i);
	}
	return flush_full(exchange, text);
}

int
listsend_answer(struct exchange *exchange, const struct site_file *folder,
    const struct urlpath *path)
{
	static struct listing listing;
	struct response response = exchange_response(exchange, 200);
	struct text text;
	int status;
	int r;

	listing.count = 0;
	listing.name_bytes = 0;
	listing.is_cut = false;
	status = folder_read(&listing, folder, exchange->root_fd, path);
	if (status != 0)
		return exchange_refuse(exchange, status);
	listing_sort(&listing);
	response.type = EXCHANGE_HTML;
	response.policy = LISTPAGE_POLICY;
	response.length = measure_listing(exchange, &listing, path->text);
	r = exchange_put_head(exchange, &response, &text);
	if (r < 0 || !exchange_wants_body(exchange))
		return r < 0 ? r : exchange_send_text(exchange, &text);
	listpage_put_head(&text, path->text);
	r = send_rows(exchange, &listing, &text);
	if (r < 0)
		return r;
	listpage_put_foot(&text, &listing);
	return exchange_send_text(exchange, &text);
}
