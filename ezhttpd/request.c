/* SPDX-License-Identifier: MIT */
/* The head of an HTTP/1 request: from bytes to meaning, strictly. */
#include "request.h"

#include <errno.h>

#include "authority.h"
#include "field.h"
#include "requestline.h"

/* Digits of a length that is certainly no overflow. */
#define LENGTH_DIGITS 18

static int
refuse(struct request *request, int status)
{
	request->status = status;
	return status == 414 || status == 431 ? -EMSGSIZE : -EBADMSG;
}

/*
 * RFC 9112, 6.3.  No request to a file server needs a body, so there is no
 * code that reads one: a transfer coding is refused here whatever it says,
 * a length that is not one plain number as well.
 */
static int
check_framing(struct request *request, const char *head)
{
	struct piece length;
	size_t i;

	if (request_has(request, REQUEST_TRANSFER_ENCODING))
		return 400;
	if (!request_has(request, REQUEST_CONTENT_LENGTH))
		return 0;
	if (request->repeated & (UINT32_C(1) << REQUEST_CONTENT_LENGTH))
		return 400;
	length = request_piece(head, request->field[REQUEST_CONTENT_LENGTH]);
	if (length.n == 0 || length.n > LENGTH_DIGITS)
		return 400;
	for (i = 0; i < length.n; i++) {
		if (!piece_is_digit(length.bytes[i]))
			return 400;
	}
	if (length.bytes[0] == '0' && length.n > 1)
		return 400;
	request->has_body = length.bytes[0] != '0';
	return 0;
}

/* RFC 9112, 3.2. */
static int
check_host(const struct request *request, const char *head)
{
	struct piece host;

	if (!request_has(request, REQUEST_HOST))
		return request->minor >= 1 ? 400 : 0;
	if (request->repeated & (UINT32_C(1) << REQUEST_HOST))
		return 400;
	host = request_piece(head, request->field[REQUEST_HOST]);
	if (!authority_is_good(host))
		return 400;
	if (request->authority.start != 0 &&
	    !piece_equals(host, request_piece(head, request->authority)))
		return 400;
	return 0;
}

static int
finish(struct request *request, const char *head)
{
	int status;

	request->is_kept = !request->says_close &&
	    (request->minor >= 1 || request->says_keep_alive);
	status = check_framing(request, head);
	if (status != 0)
		return status;
	return check_host(request, head);
}

/*
 * What is wrong with what is there of a line: a status, or 0.  It depends on
 * bytes alone, not on how they were cut into calls.
 */
static int
check_start(const struct request *request, struct piece line)
{
	int status = 0;

	if (request->has_line || line.n == 0)
		return 0;
	status = requestline_check_method(line);
	if (status == 0 && line.n > REQUEST_LINE_BYTES)
		status = 414;
	return status;
}

static int
take_line(struct request *request, const char *head, struct piece line)
{
	if (request->has_line)
		return field_take(request, head, line);
	if (line.n > 0)
		return requestline_take(request, head, line);
	/* RFC 9112, 2.2: one empty line before the request, for old times. */
	if (request->has_empty_line)
		return 400;
	request->has_empty_line = true;
	return 0;
}

/*
 * Goes on looking for the end of the line.  Returns true at a byte that ends
 * it, well or not; `line` is then what stands before that byte.
 */
static bool
find_end(struct request *request, const char *head, size_t n,
    struct piece *line)
{
	struct piece rest = { head + request->scanned, n - request->scanned };
	unsigned char class =
	    request->has_line ? PIECE_IN_FIELD : PIECE_IN_LINE;

	request->scanned += (uint16_t)piece_span(rest, class);
	line->bytes = head + request->line_start;
	line->n = (size_t)(request->scanned - request->line_start);
	return request->scanned < n;
}

/* One line.  Returns 0, -EAGAIN, or the status to send. */
static int
read_line(struct request *request, const char *head, size_t n,
    struct piece *ret_line)
{
	bool has_end = find_end(request, head, n, ret_line);
	size_t end = request->scanned;
	int status = check_start(request, *ret_line);

	if (status != 0)
		return status;
	if (has_end && head[end] == '\r' && end + 1 < n) {
		if (head[end + 1] != '\n')
			return 400;
		request->scanned += 2;
		request->line_start = request->scanned;
		return 0;
	}
	if (has_end && head[end] != '\r')
		return 400;
	return n == REQUEST_HEAD_BYTES ? 431 : -EAGAIN;
}

int
request_parse(struct request *request, const char *head, size_t n)
{
	struct piece line;
	int status;

	if (n > REQUEST_HEAD_BYTES)
		n = REQUEST_HEAD_BYTES;
	for (;;) {
		status = read_line(request, head, n, &line);
		if (status == -EAGAIN)
			return status;
		if (status != 0)
			return refuse(request, status);
		if (request->has_line && line.n == 0)
			break;
		status = take_line(request, head, line);
		if (status != 0)
			return refuse(request, status);
	}
	status = finish(request, head);
	if (status != 0)
		return refuse(request, status);
	return request->scanned;
}
