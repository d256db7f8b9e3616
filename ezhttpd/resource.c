/* SPDX-License-Identifier: MIT */
/* One request, one answer. */
#include "resource.h"

#include <errno.h>
#include <string.h>

#include "filesend.h"
#include "listsend.h"
#include "site.h"
#include "text.h"
#include "urlpath.h"

#define INDEX "index.html"

/* The folder was asked for without the slash that links in it need. */
static int
send_slash(struct exchange *exchange, const struct urlpath *path)
{
	const struct request_span query = exchange->request->query;
	struct response response = exchange_response(exchange, 301);
	int r;

	response.folder = path->text;
	if (query.start != 0) {
		response.query = exchange->head + query.start;
		response.query_bytes = query.n;
	}
	r = exchange_send_page(exchange, &response);
	if (r == -EMSGSIZE)
		return exchange_refuse(exchange, 414);
	return r;
}

/*
 * Opens the index of a folder, whose path then is in `ret_name`; returns as
 * site_open().
 */
static int
open_index(struct site_file *ret_file, const struct exchange *exchange,
    const struct urlpath *path, const char **ret_name)
{
	static char name[URLPATH_SIZE + sizeof("/" INDEX)];
	struct text text;
	int status;

	text_init(&text, name, sizeof(name));
	text_put(&text, path->text, path->n);
	text_put_string(&text, path->n > 0 ? "/" INDEX : INDEX);
	text_put(&text, "", 1);
	*ret_name = name;
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
	const char *name;
	int status = open_index(&file, exchange, path, &name);
	int r;

	if (status == 0) {
		r = filesend_answer(exchange, &file, name);
		site_close(&file);
		return r;
	}
	if (status == 404)
		status = site_open(&file, exchange->root_fd, path->text);
	if (status != 0)
		return exchange_refuse(exchange, status);
	if (file.is_folder && exchange->service->has_listing)
		r = listsend_answer(exchange, &file, path);
	else
		r = exchange_refuse(exchange, 404);
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
		return exchange_refuse(exchange, status);
	if (file.is_folder)
		r = send_slash(exchange, path);
	else
		r = filesend_answer(exchange, &file, path->text);
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
	struct response response = exchange_response(exchange, 200);

	response.has_methods = true;
	response.length = 0;
	return exchange_send_head(exchange, &response);
}

int
resource_answer(struct exchange *exchange)
{
	static struct urlpath path;
	const struct request *request = exchange->request;
	const char *bytes = exchange->head + request->path.start;
	int status = check(request);

	if (status != 0)
		return exchange_refuse(exchange, status);
	if (request->method == REQUEST_OPTIONS)
		return answer_options(exchange);
	if (request->path.start == 0)
		status = urlpath_parse(&path, "/", 1);
	else
		status = urlpath_parse(&path, bytes, request->path.n);
	if (status != 0)
		return exchange_refuse(exchange, status);
	return answer_path(exchange, &path);
}
