/* SPDX-License-Identifier: MIT */
/* One request, one answer. */
#include "resource.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "conditional.h"
#include "folder.h"
#include "listing.h"
#include "response.h"
#include "site.h"
#include "text.h"
#include "urlpath.h"

#define HTML "text/html; charset=utf-8"
#define PAGE_POLICY "default-src 'none'"
#define INDEX "index.html"
/* A body up to this size is sent together with its head. */
#define SMALL_BYTES 16384

/* --- sending ------------------------------------------------------------ */

static struct response
response_to(const struct exchange *exchange, int status)
{
	return (struct response){
		.status = status,
		.now_s = exchange->now_s,
		.length = RESPONSE_NONE,
		.modified_s = RESPONSE_NONE,
		.is_last = exchange->is_last,
		.is_old = exchange->request->minor == 0,
	};
}

/* Puts the head into the sender's room, for what belongs behind it. */
static int
put_head(struct exchange *exchange, const struct response *response,
    struct text *ret_text)
{
	struct sender *sender = exchange->sender;

	text_init(ret_text, sender->bytes, sizeof(sender->bytes));
	response_format(ret_text, response);
	exchange->status = response->status;
	exchange->head_bytes = (int64_t)ret_text->n;
	return ret_text->is_cut ? -EMSGSIZE : 0;
}

static bool
wants_body(const struct exchange *exchange)
{
	return exchange->request->method != REQUEST_HEAD;
}

static int
send_text(struct exchange *exchange, const struct text *text)
{
	return sender_send(exchange->sender, text->bytes, text->n);
}

/* Sends a head and, where one is wanted, the page of its status. */
static int
send_page(struct exchange *exchange, struct response *response)
{
	char bytes[RESPONSE_PAGE_BYTES];
	struct text page;
	struct text text;
	int r;

	text_init(&page, bytes, sizeof(bytes));
	response_page(&page, response->status);
	response->type = HTML;
	response->policy = PAGE_POLICY;
	response->length = (int64_t)page.n;
	r = put_head(exchange, response, &text);
	if (r < 0)
		return r;
	if (wants_body(exchange))
		text_put(&text, page.bytes, page.n);
	return send_text(exchange, &text);
}

/* Sends a head that has no body. */
static int
send_head(struct exchange *exchange, const struct response *response)
{
	struct text text;
	int r = put_head(exchange, response, &text);

	if (r < 0)
		return r;
	return send_text(exchange, &text);
}

int
resource_refuse(struct exchange *exchange, int status)
{
	struct response response = response_to(exchange, status);

	response.has_methods = status == 405;
	return send_page(exchange, &response);
}

/* --- files -------------------------------------------------------------- */

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
	return send_text(exchange, text);
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

static int
send_file(struct exchange *exchange, const struct site_file *file,
    const char *name, size_t name_bytes)
{
	struct response response = response_to(exchange, 200);
	struct text text;
	int r;

	response.modified_s = modified_of(exchange, file);
	if (check_conditions(exchange, response.modified_s) == 304) {
		response.status = 304;
		return send_head(exchange, &response);
	}
	response.length = file->size;
	response.type = mime_type(&exchange->service->mime, name, name_bytes);
	r = put_head(exchange, &response, &text);
	if (r < 0)
		return r;
	if (!wants_body(exchange) || file->size == 0)
		return send_text(exchange, &text);
	if (file->size <= SMALL_BYTES)
		return send_small(exchange, &text, file);
	return send_large(exchange, &text, file);
}

/* --- folders ------------------------------------------------------------ */

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
	listing_put_head(&text, path);
	listing_put_foot(&text, listing);
	total = (int64_t)text.n;
	for (i = 0; i < listing->count; i++) {
		text_init(&text, sender->bytes, sizeof(sender->bytes));
		listing_put_row(&text, listing, i);
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
		listing_put_row(text, listing, i);
	}
	return flush_full(exchange, text);
}

static int
send_listing(struct exchange *exchange, const struct site_file *folder,
    const struct urlpath *path)
{
	static struct listing listing;
	struct response response = response_to(exchange, 200);
	struct text text;
	int status;
	int r;

	listing.count = 0;
	listing.name_bytes = 0;
	listing.is_cut = false;
	status = folder_read(&listing, folder, exchange->root_fd, path);
	if (status != 0)
		return resource_refuse(exchange, status);
	listing_sort(&listing);
	response.type = HTML;
	response.policy = LISTING_POLICY;
	response.length = measure_listing(exchange, &listing, path->text);
	r = put_head(exchange, &response, &text);
	if (r < 0 || !wants_body(exchange))
		return r < 0 ? r : send_text(exchange, &text);
	listing_put_head(&text, path->text);
	r = send_rows(exchange, &listing, &text);
	if (r < 0)
		return r;
	listing_put_foot(&text, &listing);
	return send_text(exchange, &text);
}

/* The folder was asked for without the slash that links in it need. */
static int
send_slash(struct exchange *exchange, const struct urlpath *path)
{
	const struct request_span query = exchange->request->query;
	struct response response = response_to(exchange, 301);
	int r;

	response.folder = path->text;
	if (query.start != 0) {
		response.query = exchange->head + query.start;
		response.query_bytes = query.n;
	}
	r = send_page(exchange, &response);
	if (r == -EMSGSIZE)
		return resource_refuse(exchange, 414);
	return r;
}

/* --- the request -------------------------------------------------------- */

/* Opens the index of a folder; returns as site_open(). */
static int
open_index(struct site_file *ret_file, const struct exchange *exchange,
    const struct urlpath *path)
{
	static char name[URLPATH_SIZE + sizeof("/" INDEX)];
	struct text text;
	int status;

	text_init(&text, name, sizeof(name));
	text_put(&text, path->text, path->n);
	text_put_string(&text, path->n > 0 ? "/" INDEX : INDEX);
	text_put(&text, "", 1);
	status = site_open(ret_file, exchange->root_fd, name);
	if (status == 0 && ret_file->is_folder) {
		site_close(ret_file);
		return 404;
	}
	return status;
}

static int
answer_folder(struct exchange *exchange, const struct urlpath *path)
{
	struct site_file file;
	int status = open_index(&file, exchange, path);
	int r;

	if (status == 0) {
		r = send_file(exchange, &file, INDEX, strlen(INDEX));
		site_close(&file);
		return r;
	}
	if (status == 404)
		status = site_open(&file, exchange->root_fd, path->text);
	if (status != 0)
		return resource_refuse(exchange, status);
	if (file.is_folder && exchange->service->has_listing)
		r = send_listing(exchange, &file, path);
	else
		r = resource_refuse(exchange, 404);
	site_close(&file);
	return r;
}

static int
answer_path(struct exchange *exchange, const struct urlpath *path)
{
	struct site_file file;
	int status;
	int r;

	if (path->is_folder)
		return answer_folder(exchange, path);
	status = site_open(&file, exchange->root_fd, path->text);
	if (status != 0)
		return resource_refuse(exchange, status);
	if (file.is_folder)
		r = send_slash(exchange, path);
	else
		r = send_file(exchange, &file, path->text, path->n);
	site_close(&file);
	return r;
}

/*
 * Why a body is not wanted (RFC 9110, 15.5.12 and 15.5.14; RFC 9112, 6.3): a
 * status, or 0 where there is none.
 */
static int
refusal_of_body(const struct request *request)
{
	switch (request->body) {
	case REQUEST_NO_BODY:
		return 0;
	case REQUEST_BODY_CHUNKED:
		return 411;
	default:
		return 413;
	}
}

/* What is wrong with the request as a whole: a status, or 0. */
static int
check(const struct request *request)
{
	const int body_status = refusal_of_body(request);

	switch (request->method) {
	case REQUEST_GET:
	case REQUEST_HEAD:
	case REQUEST_OPTIONS:
		break;
	case REQUEST_UNKNOWN:
		return body_status != 0 ? body_status : 501;
	default:
		return 405;
	}
	if (body_status != 0)
		return body_status;
	/* RFC 9110, 10.1.1: HTTP/1.0 knows no expectations. */
	if (request_has(request, REQUEST_EXPECT) && request->minor >= 1)
		return 417;
	return 0;
}

static int
answer_options(struct exchange *exchange)
{
	struct response response = response_to(exchange, 200);

	response.has_methods = true;
	response.length = 0;
	return send_head(exchange, &response);
}

int
resource_answer(struct exchange *exchange)
{
	static struct urlpath path;
	const struct request *request = exchange->request;
	const char *bytes = exchange->head + request->path.start;
	int status = check(request);

	if (status != 0)
		return resource_refuse(exchange, status);
	if (request->method == REQUEST_OPTIONS)
		return answer_options(exchange);
	if (request->path.start == 0)
		status = urlpath_parse(&path, "/", 1);
	else
		status = urlpath_parse(&path, bytes, request->path.n);
	if (status != 0)
		return resource_refuse(exchange, status);
	return answer_path(exchange, &path);
}
