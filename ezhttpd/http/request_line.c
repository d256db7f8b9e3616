/* SPDX-License-Identifier: MIT */
/* The first line of a request: method, target, version; pure. */
#include "http/request_line.h"

#include <string.h>

#include "http/authority.h"

/* Bytes of a version, as in "HTTP/1.1". */
#define VERSION_BYTES 8

enum request_method
requestline_method(struct piece name)
{
	static const struct {
		struct piece name;
		enum request_method method;
	} known[] = {
		{ PIECE_OF("GET"), REQUEST_GET },
		{ PIECE_OF("HEAD"), REQUEST_HEAD },
		{ PIECE_OF("OPTIONS"), REQUEST_OPTIONS },
		{ PIECE_OF("CONNECT"), REQUEST_CONNECT },
		{ PIECE_OF("DELETE"), REQUEST_FOREIGN },
		{ PIECE_OF("PATCH"), REQUEST_FOREIGN },
		{ PIECE_OF("POST"), REQUEST_FOREIGN },
		{ PIECE_OF("PUT"), REQUEST_FOREIGN },
		{ PIECE_OF("TRACE"), REQUEST_FOREIGN },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].name.n == name.n &&
		    memcmp(known[i].name.bytes, name.bytes, name.n) == 0)
			return known[i].method;
	}
	return REQUEST_UNKNOWN;
}

/*
 * RFC 9112, 2.3: exactly "HTTP/" DIGIT "." DIGIT.  RFC 9110, 2.5: a higher
 * minor version is taken as the highest that is known.
 */
static int
take_version(struct request *request, struct piece version)
{
	const char *bytes = version.bytes;

	if (version.n != VERSION_BYTES || memcmp(bytes, "HTTP/", 5) != 0 ||
	    !piece_is_digit(bytes[5]) || bytes[6] != '.' ||
	    !piece_is_digit(bytes[7]))
		return 400;
	if (bytes[5] != '1')
		return 505;
	request->minor = bytes[7] == '0' ? 0 : 1;
	return 0;
}

/* A path, which begins with a slash, and perhaps a query. */
static int
take_path(struct request *request, const char *head, struct piece target)
{
	struct piece path = target;
	struct piece rest = target;

	if (piece_split(&rest, '?', &path))
		request->query = request_span(head, rest);
	if (path.n > 0)
		request->path = request_span(head, path);
	return 0;
}

/* Takes the scheme off a URL; false if it has another. */
static bool
take_scheme(struct piece *url, struct piece scheme)
{
	const struct piece start = { url->bytes, scheme.n };

	if (url->n < scheme.n || !piece_equals(start, scheme))
		return false;
	url->bytes += scheme.n;
	url->n -= scheme.n;
	return true;
}

/*
 * RFC 9112, 3.2.2: a whole URL, as proxies get it.  RFC 9110, 7.4: one of https
 * has to come over a secured connection, and none here is.
 */
static int
take_absolute(struct request *request, const char *head, struct piece target)
{
	static const struct piece http = PIECE_OF("http://");
	static const struct piece https = PIECE_OF("https://");
	const bool is_secure = take_scheme(&target, https);
	size_t i = 0;

	if (!is_secure && !take_scheme(&target, http))
		return 400;
	while (i < target.n && target.bytes[i] != '/' && target.bytes[i] != '?')
		i++;
	request->authority =
	    request_span(head, (struct piece){ target.bytes, i });
	if (!authority_is_good(request_piece(head, request->authority)))
		return 400;
	if (is_secure)
		return 421;
	return take_path(request, head,
	    (struct piece){ target.bytes + i, target.n - i });
}

static int
take_target(struct request *request, const char *head, struct piece target)
{
	if (target.bytes[0] == '/')
		return take_path(request, head, target);
	if (target.n == 1 && target.bytes[0] == '*')
		return request->method == REQUEST_OPTIONS ? 0 : 400;
	if (request->method == REQUEST_CONNECT)
		return authority_is_good(target) ? 0 : 400;
	return take_absolute(request, head, target);
}

int
requestline_take_version(struct request *request, const char *head,
    struct piece version)
{
	const char *line = head + request->line_start;
	const char *end = version.bytes + version.n;
	int status;

	request->line =
	    request_span(head, (struct piece){ line, (size_t)(end - line) });
	status = take_version(request, version);
	if (status != 0)
		return status;
	return take_target(request, head, request_piece(head, request->target));
}
