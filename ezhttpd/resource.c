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

/* What may be left off the name of a page. */
#define SUFFIX ".html"

/* A path beneath the root, made of two parts. */
struct place {
	char text[URLPATH_SIZE + SERVING_INDEX_BYTES + sizeof("/" SUFFIX)];
};

/* Puts together a path; what is too long is cut, and then not found. */
static void
place_init(struct place *ret_place, const struct urlpath *folder,
    const char *between, const char *name)
{
	struct text text;

	text_init(&text, ret_place->text, sizeof(ret_place->text) - 1);
	text_put(&text, folder->text, folder->n);
	text_put_string(&text, between);
	text_put_string(&text, name);
	ret_place->text[text.n] = '\0';
}

/* Opens a regular file; returns as site_open(). */
static int
open_file(struct site_file *ret_file, const struct exchange *exchange,
    const char *path)
{
	int status = site_open(ret_file, exchange->root_fd, path);

	if (status == 0 && ret_file->is_folder) {
		site_close(ret_file);
		return 404;
	}
	return status;
}

/* --- what is not there -------------------------------------------------- */

/* Answers with the site's own page for that status, if it has one. */
static int
refuse(struct exchange *exchange, int status)
{
	const struct serving *serving = exchange->service->serving;
	const char *path = NULL;
	struct site_file file;
	int r;

	if (status == 403)
		path = serving->pages[SERVING_PAGE_403];
	else if (status == 404)
		path = serving->pages[SERVING_PAGE_404];
	if (path == NULL || open_file(&file, exchange, path) != 0)
		return exchange_refuse(exchange, status);
	r = filesend_page(exchange, &file, path, status);
	site_close(&file);
	return r;
}

/*
 * True for a path that a one-page site may have made up: its last segment has
 * no dot.  One that has names a file, and a script that is missing must not
 * become a page.
 */
static bool
may_fall_back(const struct urlpath *path)
{
	const char *slash = strrchr(path->text, '/');
	const char *last = slash != NULL ? slash + 1 : path->text;

	return strchr(last, '.') == NULL;
}

static int
answer_missing(struct exchange *exchange, const struct urlpath *path)
{
	const char *fallback = exchange->service->serving->fallback;
	struct site_file file;
	int r;

	if (fallback == NULL || !may_fall_back(path) ||
	    open_file(&file, exchange, fallback) != 0)
		return refuse(exchange, 404);
	r = filesend_answer(exchange, &file, fallback);
	site_close(&file);
	return r;
}

/* --- what is there ------------------------------------------------------ */

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

/* Answers with the regular file at `name`; false where there is none. */
static bool
answer_file(struct exchange *exchange, const char *name, int *ret_result)
{
	struct site_file file;
	int status = open_file(&file, exchange, name);

	if (status == 404)
		return false;
	if (status != 0) {
		*ret_result = refuse(exchange, status);
		return true;
	}
	*ret_result = filesend_answer(exchange, &file, name);
	site_close(&file);
	return true;
}

static int
answer_folder(struct exchange *exchange, const struct urlpath *path)
{
	static struct place place;
	const struct serving *serving = exchange->service->serving;
	struct site_file file;
	int status;
	int r;

	place_init(&place, path, path->n > 0 ? "/" : "", serving->index);
	if (answer_file(exchange, place.text, &r))
		return r;
	status = site_open(&file, exchange->root_fd, path->text);
	if (status == 404)
		return answer_missing(exchange, path);
	if (status != 0)
		return refuse(exchange, status);
	if (file.is_folder && serving->has_listing)
		r = listsend_answer(exchange, &file, path);
	else
		r = answer_missing(exchange, path);
	site_close(&file);
	return r;
}

static int
answer_path(struct exchange *exchange, const struct urlpath *path)
{
	static struct place place;
	struct site_file file;
	int status;
	int r;

	if (path->is_folder)
		return answer_folder(exchange, path);
	status = site_open(&file, exchange->root_fd, path->text);
	if (status == 404) {
		place_init(&place, path, SUFFIX, "");
		if (exchange->service->serving->has_html_suffix &&
		    answer_file(exchange, place.text, &r))
			return r;
		return answer_missing(exchange, path);
	}
	if (status != 0)
		return refuse(exchange, status);
	if (file.is_folder)
		r = send_slash(exchange, path);
	else
		r = filesend_answer(exchange, &file, path->text);
	site_close(&file);
	return r;
}

/* --- the request -------------------------------------------------------- */

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
		return refuse(exchange, status);
	return answer_path(exchange, &path);
}
