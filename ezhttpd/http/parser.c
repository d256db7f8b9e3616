/* SPDX-License-Identifier: MIT */
/* The head of an HTTP/1 request: from bytes to meaning, strictly. */
#include "http/parser.h"

#include <errno.h>

#include "http/authority.h"
#include "http/field.h"
#include "http/request_line.h"

/* Digits of a length that is certainly no overflow. */
#define LENGTH_DIGITS 18

/* Notes what to answer, and what there is of the line, for the log. */
static void
refuse(struct request *request, const char *head, int status)
{
	const struct piece line = {
		head + request->line_start,
		(size_t)(request->scanned - request->line_start),
	};

	request->status = status;
	if (request->line.start == 0 && request->line.n == 0)
		request->line = request_span(head, line);
}

static bool
is_repeated(const struct request *request, enum request_field field)
{
	return (request->repeated >> field & 1) != 0;
}

static const struct piece chunked = PIECE_OF("chunked");

/*
 * True if the list names codings, with "chunked" at its end or not at all: a
 * message that is in good form, whatever the codings are.
 */
static bool
is_coding_list(struct piece list)
{
	bool has_more;

	do {
		struct piece coding = list;

		has_more = piece_split(&list, ',', &coding);
		coding = piece_trimmed(coding);
		if (coding.n == 0 ||
		    piece_span(coding, PIECE_IN_TOKEN) < coding.n ||
		    (has_more && piece_equals(coding, chunked)))
			return false;
	} while (has_more);
	return true;
}

/*
 * RFC 9112, 6.1.  The one coding that all know announces a body, for others to
 * refuse; where it is said twice, or beside a length, or by HTTP/1.0, two
 * readers may see two different ends of the message.
 */
static int
check_coding(struct request *request, const char *head)
{
	struct piece coding =
	    request_piece(head, request->field[REQUEST_TRANSFER_ENCODING]);

	if (request->minor == 0 ||
	    request_has(request, REQUEST_CONTENT_LENGTH) ||
	    is_repeated(request, REQUEST_TRANSFER_ENCODING) ||
	    !is_coding_list(coding))
		return 400;
	if (!piece_equals(coding, chunked))
		return 501;
	request->body = REQUEST_BODY_CHUNKED;
	return 0;
}

/* RFC 9112, 6.3: one plain number, once; RFC 9110, 8.6: of any digits. */
static int
check_length_field(struct request *request, const char *head)
{
	struct piece length =
	    request_piece(head, request->field[REQUEST_CONTENT_LENGTH]);
	size_t zeros = 0;
	size_t i;

	if (is_repeated(request, REQUEST_CONTENT_LENGTH) || length.n == 0)
		return 400;
	for (i = 0; i < length.n; i++) {
		if (!piece_is_digit(length.bytes[i]))
			return 400;
		if (length.bytes[i] == '0' && zeros == i)
			zeros++;
	}
	if (length.n - zeros > LENGTH_DIGITS)
		return 400;
	if (zeros < length.n)
		request->body = REQUEST_BODY_OF_LENGTH;
	return 0;
}

/* No request to a file server needs a body: there is no code to read one. */
static int
check_framing(struct request *request, const char *head)
{
	if (request_has(request, REQUEST_TRANSFER_ENCODING))
		return check_coding(request, head);
	if (request_has(request, REQUEST_CONTENT_LENGTH))
		return check_length_field(request, head);
	return 0;
}

/* RFC 9112, 3.2: one, and a good one, even where the target has another. */
static int
check_host(const struct request *request, const char *head)
{
	struct piece host;

	if (!request_has(request, REQUEST_HOST))
		return request->minor >= 1 ? 400 : 0;
	if (is_repeated(request, REQUEST_HOST))
		return 400;
	host = request_piece(head, request->field[REQUEST_HOST]);
	return authority_is_good(host) ? 0 : 400;
}

/*
 * The parts of a head, in their order; the last two repeat.  Each is a run of
 * bytes of its class, up to the byte that ends it; a CR stands for CRLF.  A
 * byte that is neither ends the request, wherever the reading stands.
 */
enum part {
	PART_METHOD,
	PART_TARGET,
	PART_VERSION,
	PART_NAME,
	PART_VALUE,
};

static const struct {
	unsigned char class;
	char end;
} parts[] = {
	[PART_METHOD] = { PIECE_IN_TOKEN, ' ' },
	[PART_TARGET] = { PIECE_IN_TARGET | PIECE_IN_RAW_TARGET, ' ' },
	[PART_VERSION] = { PIECE_IN_VERSION, '\r' },
	[PART_NAME] = { PIECE_IN_TOKEN, ':' },
	[PART_VALUE] = { PIECE_IN_FIELD, '\r' },
};

/*
 * What is too long up to where it was looked: a status, or 0.  It depends on
 * bytes alone, not on how they were cut into calls.
 */
static int
check_length(const struct request *request)
{
	if (request->part == PART_METHOD &&
	    request->scanned - request->part_start > REQUEST_METHOD_BYTES)
		return 501;
	if (request->part <= PART_VERSION &&
	    request->scanned - request->line_start > REQUEST_LINE_BYTES)
		return 414;
	return 0;
}

/* RFC 9112, 2.2: one empty line before the request, for old times. */
static int
pass_empty_line(struct request *request)
{
	if (request->has_empty_line)
		return 400;
	request->has_empty_line = true;
	request->line_start = request->scanned;
	return 0;
}

/* RFC 9112, 9.3. */
static int
finish_head(struct request *request, const char *head)
{
	int status = check_framing(request, head);

	if (status == 0)
		status = check_host(request, head);
	request->is_kept = !request->says_close &&
	    (request->minor >= 1 || request->says_keep_alive);
	request->is_whole = true;
	return status;
}

/* Makes sense of a part that is whole.  Returns 0 or the status to send. */
static int
take_part(struct request *request, const char *head, struct piece bytes)
{
	switch ((enum part)request->part) {
	case PART_METHOD:
		if (bytes.n == 0)
			return pass_empty_line(request);
		request->part = PART_TARGET;
		request->method = requestline_method(bytes);
		return 0;
	case PART_TARGET:
		request->part = PART_VERSION;
		request->target = request_span(head, bytes);
		return 0;
	case PART_VERSION:
		request->part = PART_NAME;
		return requestline_take_version(request, head, bytes);
	case PART_NAME:
		if (bytes.n == 0)
			return finish_head(request, head);
		request->part = PART_VALUE;
		request->name = request_span(head, bytes);
		return ++request->fields > REQUEST_FIELDS ? 431 : 0;
	case PART_VALUE:
		request->part = PART_NAME;
		return field_take(request, head, bytes);
	}
	return 500;
}

/* The byte that may end the part here. */
static char
end_of(enum part part, bool is_empty)
{
	/* An empty line: before the request, and at the end of the head. */
	if (is_empty && (part == PART_METHOD || part == PART_NAME))
		return '\r';
	return is_empty && part != PART_VALUE ? '\0' : parts[part].end;
}

/*
 * How many bytes end the part, of the `n` that stand behind it; 0 where these
 * cannot, -EAGAIN where one more is needed to tell.
 */
static int
find_end(const char *behind, size_t n, char end)
{
	if (n == 0)
		return -EAGAIN;
	if (behind[0] != end || end == '\0')
		return 0;
	if (end != '\r')
		return 1;
	if (n == 1)
		return -EAGAIN;
	return behind[1] == '\n' ? 2 : 0;
}

/* One part.  Returns 0, -EAGAIN, or the status to send. */
static int
read_part(struct request *request, const char *head, size_t n)
{
	struct piece rest = { head + request->scanned, n - request->scanned };
	struct piece bytes = { head + request->part_start, 0 };
	int status;
	int end;

	request->scanned +=
	    (uint16_t)piece_span(rest, parts[request->part].class);
	status = check_length(request);
	if (status != 0)
		return status;
	bytes.n = (size_t)(request->scanned - request->part_start);
	end = find_end(head + request->scanned, n - request->scanned,
	    end_of(request->part, bytes.n == 0));
	if (end == -EAGAIN)
		return n == REQUEST_HEAD_BYTES ? 431 : -EAGAIN;
	if (end == 0)
		return 400;
	request->scanned += (uint16_t)end;
	request->part_start = request->scanned;
	return take_part(request, head, bytes);
}

int
request_parse(struct request *request, const char *head, size_t n)
{
	int status = 0;

	if (n > REQUEST_HEAD_BYTES)
		n = REQUEST_HEAD_BYTES;
	while (status == 0 && !request->is_whole)
		status = read_part(request, head, n);
	if (status == 0)
		return request->scanned;
	if (status > 0)
		refuse(request, head, status);
	if (status == -EAGAIN)
		return status;
	return status == 414 || status == 431 ? -EMSGSIZE : -EBADMSG;
}
