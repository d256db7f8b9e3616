/* SPDX-License-Identifier: MIT */
/* One request, one answer. */
#include "handler/dispatch.h"

#include <errno.h>
#include <string.h>

#include "files/docroot.h"
#include "files/file_path.h"
#include "handler/locate.h"
#include "handler/send_file.h"
#include "handler/send_listing.h"
#include "handler/send_redirect.h"
#include "http/field.h"
#include "http/location.h"
#include "http/url_path.h"

/* What may be left off the name of a page. */
#define SUFFIX ".html"

/* Opens a regular file; returns as site_open(). */
static int
open_file(struct site_file *ret_file, const struct place *place)
{
	int status = site_open(ret_file, place->root, place_opened(place));

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
	static struct place place;
	const struct serving *serving = exchange->service->serving;
	const char *page = NULL;
	struct site_file file;
	int r;

	if (status == 403)
		page = serving->pages[SERVING_PAGE_403];
	else if (status == 404)
		page = serving->pages[SERVING_PAGE_404];
	if (page == NULL)
		return exchange_refuse(exchange, status);
	locate_own(&place, exchange, page);
	if (open_file(&file, &place) != 0)
		return exchange_refuse(exchange, status);
	r = filesend_page(exchange, &file, &place, status);
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
	static struct place place;
	const char *fallback = exchange->service->serving->fallback;
	struct site_file file;
	int r;

	if (fallback == NULL || !may_fall_back(path))
		return refuse(exchange, 404);
	locate_own(&place, exchange, fallback);
	if (open_file(&file, &place) != 0)
		return refuse(exchange, 404);
	r = filesend_answer(exchange, &file, &place);
	site_close(&file);
	return r;
}

/* --- what is there ------------------------------------------------------ */

/* Answers with the regular file at `place`; false where there is none. */
static bool
answer_file(struct exchange *exchange, struct place *place, int *ret_result)
{
	struct site_file file;
	int status = open_file(&file, place);

	if (status == 404)
		return false;
	if (status != 0) {
		*ret_result = refuse(exchange, status);
		return true;
	}
	*ret_result = filesend_answer(exchange, &file, place);
	site_close(&file);
	return true;
}

/* Adds the name of an index to the path of its folder. */
static void
add_index(struct place *place, const char *index)
{
	if (place->n > 0)
		place_add(place, "/");
	place_add(place, index);
}

/*
 * Answers with the first index that the folder at `place` has; false where it
 * has none.
 */
static bool
answer_index(struct exchange *exchange, struct place *place, int *ret_result)
{
	const struct serving *serving = exchange->service->serving;
	const size_t n = place->n;
	const char *index;
	unsigned i;

	for (i = 0; (index = serving_index(serving, i)) != NULL; i++) {
		add_index(place, index);
		if (answer_file(exchange, place, ret_result))
			return true;
		place_cut(place, n);
	}
	return false;
}

/* True if the folder at `place` has an index. */
static bool
has_index(const struct exchange *exchange, struct place *place)
{
	const struct serving *serving = exchange->service->serving;
	const size_t n = place->n;
	bool is_found = false;
	const char *index;
	unsigned i;

	for (i = 0; (index = serving_index(serving, i)) != NULL; i++) {
		struct site_file file;
		int status;

		add_index(place, index);
		status = site_look(&file, place->root, place_opened(place));
		place_cut(place, n);
		is_found |= status == 0 && !file.is_folder;
	}
	return is_found;
}

static int
answer_folder(struct exchange *exchange, const struct urlpath *path,
    struct place *place)
{
	const struct serving *serving = exchange->service->serving;
	struct site_file file;
	int status;
	int r;

	if (answer_index(exchange, place, &r))
		return r;
	status = site_open(&file, place->root, place_opened(place));
	if (status == 404)
		return answer_missing(exchange, path);
	if (status != 0)
		return refuse(exchange, status);
	if (file.is_folder && !file.is_removed && serving->has_listing)
		r = listsend_answer(exchange, &file, place);
	else
		r = answer_missing(exchange, path);
	site_close(&file);
	return r;
}

/*
 * Answers with the file at `place` and the suffix, where one may be left off;
 * false where there is none.
 */
static bool
answer_suffix(struct exchange *exchange, struct place *place, int *ret_result)
{
	const size_t n = place->n;
	bool is_answered;

	if (!exchange->service->serving->has_html_suffix)
		return false;
	place_add(place, SUFFIX);
	is_answered = answer_file(exchange, place, ret_result);
	place_cut(place, n);
	return is_answered;
}

/*
 * A folder was asked for without a slash.  Generators make blog.html beside
 * blog/: a folder that has no page of its own gives way to that file.
 */
static int
answer_bare_folder(struct exchange *exchange, struct place *place)
{
	int r;

	if (!has_index(exchange, place) && answer_suffix(exchange, place, &r))
		return r;
	return redirect_to_slash(exchange);
}

static int
answer_path(struct exchange *exchange, const struct urlpath *path)
{
	static struct place place;
	struct site_file file;
	int status;
	int r;

	locate(&place, exchange, path);
	if (path->is_folder)
		return answer_folder(exchange, path, &place);
	status = site_open(&file, place.root, place_opened(&place));
	if (status == 404 && answer_suffix(exchange, &place, &r))
		return r;
	if (status == 404)
		return answer_missing(exchange, path);
	if (status != 0)
		return refuse(exchange, status);
	if (file.is_folder && file.is_removed)
		r = answer_missing(exchange, path);
	else if (file.is_folder)
		r = answer_bare_folder(exchange, &place);
	else
		r = filesend_answer(exchange, &file, &place);
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

/*
 * True if it expects anything but a word before its content.  That is met here
 * by the answer itself, since no content is ever read (RFC 9110, 10.1.1).
 */
static bool
expects_more(const struct exchange *exchange)
{
	static const struct piece known = PIECE_OF("100-continue");
	const struct request *request = exchange->request;
	struct piece line;
	size_t at = 0;

	/* HTTP/1.0 knows no expectations. */
	if (!request_has(request, REQUEST_EXPECT) || request->minor == 0)
		return false;
	while (field_next(request, exchange->head, REQUEST_EXPECT, &at, &line))
		if (!piece_equals(line, known))
			return true;
	return false;
}

/* What is wrong with the request as a whole: a status, or 0. */
static int
check(const struct exchange *exchange)
{
	const struct request *request = exchange->request;
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
	return expects_more(exchange) ? 417 : 0;
}

static int
answer_options(struct exchange *exchange)
{
	struct response response = exchange_response(exchange, 200);

	response.has_methods = true;
	response.length = 0;
	return exchange_send_head(exchange, &response);
}

/* Who asks has to be somebody: a status, or 0. */
static int
check_login(struct exchange *exchange)
{
	const struct login *login = &exchange->service->login;
	const struct request *request = exchange->request;
	struct piece value = request_piece(exchange->head,
	    request->field[REQUEST_AUTHORIZATION]);
	bool was_tried;
	int status;

	if (!login->is_on)
		return 0;
	/* Two of them mean nobody. */
	if ((request->repeated >> REQUEST_AUTHORIZATION & 1) != 0)
		value.n = 0;
	status = login_check(login, exchange->client, exchange->pass, value,
	    &was_tried);
	if (status == 0)
		exchange->user = exchange->pass->user;
	/* A connection has one guess. */
	exchange->is_last |= was_tried && status != 0;
	return status;
}

static int
answer_target(struct exchange *exchange, const struct urlpath *path)
{
	const char *rest;
	const struct redirect *redirect =
	    serving_redirect(exchange->service->serving, path, &rest);

	if (redirect != NULL)
		return redirect_by_rule(exchange, redirect, path, rest);
	return answer_path(exchange, path);
}

/* Answers for the host whose folder was gone to. */
static int
answer_host(struct exchange *exchange)
{
	static struct urlpath path;
	const struct piece target =
	    request_path(exchange->request, exchange->head);
	const struct piece query =
	    request_query(exchange->request, exchange->head);
	int status = urlpath_parse(&path, target.bytes, target.n);

	if (status != 0)
		return refuse(exchange, status);
	if (!location_is_encoded(target) || !location_is_encoded(query))
		return redirect_to_encoded(exchange);
	return answer_target(exchange, &path);
}

int
resource_answer(struct exchange *exchange)
{
	const struct request *request = exchange->request;
	int status = check(exchange);
	int r;

	if (status != 0)
		return exchange_refuse(exchange, status);
	/* It tells nothing of the files, and browsers ask without a name. */
	if (request->method == REQUEST_OPTIONS)
		return answer_options(exchange);
	status = check_login(exchange);
	if (status == 0)
		status = locate_begin(exchange);
	if (status != 0)
		return exchange_refuse(exchange, status);
	r = answer_host(exchange);
	locate_end(exchange);
	return r;
}
