/* SPDX-License-Identifier: MIT */
/* The head of an HTTP/1 request: from bytes to meaning, strictly. */
#include "request.h"

#include <errno.h>
#include <string.h>

/* Bytes of a version, as in "HTTP/1.1". */
#define VERSION_BYTES 8
/* Digits of a length that is certainly no overflow. */
#define LENGTH_DIGITS 18
/* Largest port. */
#define PORT_MAX 65535

/* A piece of the head while it is being looked at, or a word. */
struct piece {
	const char *bytes;
	size_t n;
};

#define WORD_PIECE(word)                 \
	{                                \
		(word), sizeof(word) - 1 \
	}

static int
refuse(struct request *request, int status)
{
	request->status = status;
	return status == 414 || status == 431 ? -EMSGSIZE : -EBADMSG;
}

/* What a byte may be part of. */
enum {
	/* A request line: the visible characters of ASCII, and the space. */
	IN_LINE = 1,
	/* A field: those, the tab, and bytes that are not ASCII. */
	IN_FIELD = 2,
	/* A method or the name of a field (RFC 9110, 5.6.2). */
	IN_TOKEN = 4,
	/* A path or a query, with what browsers leave as it is. */
	IN_TARGET = 8,
	/* The name of a host. */
	IN_HOST = 16,
	/* An IPv6 address. */
	IN_ADDRESS = 32,
};

#define VISIBLE (IN_LINE | IN_FIELD | IN_TARGET)
#define WORD (VISIBLE | IN_TOKEN | IN_HOST)

/* Ranges come first; what differs within them overrides. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverride-init"
static const unsigned char classes[256] = {
	[0x21 ... 0x7e] = VISIBLE,
	[0x80 ... 0xff] = IN_FIELD,
	['\t'] = IN_FIELD,
	[' '] = IN_LINE | IN_FIELD,
	['0' ... '9'] = WORD | IN_ADDRESS,
	['A' ... 'F'] = WORD | IN_ADDRESS,
	['G' ... 'Z'] = WORD,
	['a' ... 'f'] = WORD | IN_ADDRESS,
	['g' ... 'z'] = WORD,
	['-'] = WORD,
	['.'] = WORD | IN_ADDRESS,
	['_'] = WORD,
	['~'] = WORD,
	[':'] = VISIBLE | IN_ADDRESS,
	['!'] = VISIBLE | IN_TOKEN,
	['$' ... '\''] = VISIBLE | IN_TOKEN,
	['*' ... '+'] = VISIBLE | IN_TOKEN,
	['^'] = VISIBLE | IN_TOKEN,
	['`'] = VISIBLE | IN_TOKEN,
	['|'] = VISIBLE | IN_TOKEN,
	['#'] = IN_LINE | IN_FIELD | IN_TOKEN,
	['"'] = IN_LINE | IN_FIELD,
	['<'] = IN_LINE | IN_FIELD,
	['>'] = IN_LINE | IN_FIELD,
};
#pragma GCC diagnostic pop

static bool
is_in(char c, unsigned char class)
{
	return (classes[(unsigned char)c] & class) != 0;
}

/* How many bytes at the start are of that class. */
static size_t
span_in(struct piece piece, unsigned char class)
{
	size_t i = 0;

	while (i < piece.n && is_in(piece.bytes[i], class))
		i++;
	return i;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Equal but for the case of letters. */
static bool
equals(struct piece a, struct piece b)
{
	size_t i;

	if (a.n != b.n)
		return false;
	for (i = 0; i < a.n; i++) {
		if (lower(a.bytes[i]) != lower(b.bytes[i]))
			return false;
	}
	return true;
}

static struct piece
trimmed(struct piece piece)
{
	while (piece.n > 0 && is_blank(piece.bytes[0])) {
		piece.bytes++;
		piece.n--;
	}
	while (piece.n > 0 && is_blank(piece.bytes[piece.n - 1]))
		piece.n--;
	return piece;
}

static struct piece
piece_of(const char *head, struct request_span span)
{
	return (struct piece){ head + span.start, span.n };
}

static struct request_span
span_of(const char *head, struct piece piece)
{
	return (struct request_span){
		.start = (uint16_t)(piece.bytes - head),
		.n = (uint16_t)piece.n,
	};
}

/* Takes off what comes before `c`, and `c`; false where there is no `c`. */
static bool
split_at(struct piece *rest, char c, struct piece *ret_before)
{
	const char *end = memchr(rest->bytes, c, rest->n);

	if (end == NULL)
		return false;
	ret_before->bytes = rest->bytes;
	ret_before->n = (size_t)(end - rest->bytes);
	rest->n -= ret_before->n + 1;
	rest->bytes = end + 1;
	return true;
}

bool
request_has(const struct request *request, enum request_field field)
{
	return request->field[field].start != 0;
}

/* --- the request line --------------------------------------------------- */

static enum request_method
method_of(struct piece name)
{
	static const struct {
		struct piece name;
		enum request_method method;
	} known[] = {
		{ WORD_PIECE("GET"), REQUEST_GET },
		{ WORD_PIECE("HEAD"), REQUEST_HEAD },
		{ WORD_PIECE("OPTIONS"), REQUEST_OPTIONS },
		{ WORD_PIECE("CONNECT"), REQUEST_CONNECT },
		{ WORD_PIECE("DELETE"), REQUEST_FOREIGN },
		{ WORD_PIECE("PATCH"), REQUEST_FOREIGN },
		{ WORD_PIECE("POST"), REQUEST_FOREIGN },
		{ WORD_PIECE("PUT"), REQUEST_FOREIGN },
		{ WORD_PIECE("TRACE"), REQUEST_FOREIGN },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i].name.n == name.n &&
		    memcmp(known[i].name.bytes, name.bytes, name.n) == 0)
			return known[i].method;
	}
	return REQUEST_UNKNOWN;
}

/* What is wrong with a line that begins like this: a status, or 0. */
static int
check_method(struct piece line)
{
	size_t n = span_in(line, IN_TOKEN);

	if (n > REQUEST_METHOD_BYTES)
		return 501;
	if (n == line.n)
		return 0;
	return n == 0 || line.bytes[n] != ' ' ? 400 : 0;
}

/* RFC 9112, 2.3: exactly "HTTP/" DIGIT "." DIGIT. */
static int
take_version(struct request *request, struct piece version)
{
	const char *bytes = version.bytes;

	if (version.n != VERSION_BYTES || memcmp(bytes, "HTTP/", 5) != 0 ||
	    !is_digit(bytes[5]) || bytes[6] != '.' || !is_digit(bytes[7]))
		return 400;
	if (bytes[5] != '1' || bytes[7] > '1')
		return 505;
	request->minor = bytes[7] - '0';
	return 0;
}

/* Nothing, or a colon and a port. */
static bool
is_port(struct piece text)
{
	unsigned port = 0;
	size_t i;

	if (text.n == 0)
		return true;
	if (text.bytes[0] != ':')
		return false;
	for (i = 1; i < text.n; i++) {
		if (!is_digit(text.bytes[i]))
			return false;
		port = port * 10 + (unsigned)(text.bytes[i] - '0');
		if (port > PORT_MAX)
			return false;
	}
	return true;
}

/*
 * A host and perhaps a port.  Narrower than RFC 3986, 3.2.2: no percent
 * codes, no commas, no user, no zone, which no host on the web has.
 */
static bool
is_authority(struct piece text)
{
	size_t n = span_in(text, IN_HOST);

	if (text.n > 0 && text.bytes[0] == '[') {
		struct piece rest = { text.bytes + 1, text.n - 1 };

		n = span_in(rest, IN_ADDRESS);
		if (n < 2 || n == rest.n || rest.bytes[n] != ']')
			return false;
		n += 2;
	}
	return n > 0 && is_port((struct piece){ text.bytes + n, text.n - n });
}

/* A path, which begins with a slash, and perhaps a query. */
static int
take_path(struct request *request, const char *head, struct piece target)
{
	struct piece path = target;
	struct piece rest = target;

	if (span_in(target, IN_TARGET) < target.n)
		return 400;
	if (split_at(&rest, '?', &path))
		request->query = span_of(head, rest);
	if (path.n > 0)
		request->path = span_of(head, path);
	return 0;
}

/* RFC 9112, 3.2.2: a whole URL, as proxies get it. */
static int
take_absolute(struct request *request, const char *head, struct piece target)
{
	static const struct piece scheme = WORD_PIECE("http://");
	struct piece start = { target.bytes, scheme.n };
	struct piece rest;
	size_t i = 0;

	if (target.n < scheme.n || !equals(start, scheme))
		return 400;
	rest.bytes = target.bytes + scheme.n;
	rest.n = target.n - scheme.n;
	while (i < rest.n && rest.bytes[i] != '/' && rest.bytes[i] != '?')
		i++;
	request->authority = span_of(head, (struct piece){ rest.bytes, i });
	if (!is_authority(piece_of(head, request->authority)))
		return 400;
	return take_path(request, head,
	    (struct piece){ rest.bytes + i, rest.n - i });
}

static int
take_target(struct request *request, const char *head, struct piece target)
{
	if (target.n == 0)
		return 400;
	if (target.bytes[0] == '/')
		return take_path(request, head, target);
	if (target.n == 1 && target.bytes[0] == '*')
		return request->method == REQUEST_OPTIONS ? 0 : 400;
	if (request->method == REQUEST_CONNECT)
		return is_authority(target) ? 0 : 400;
	return take_absolute(request, head, target);
}

/* Returns 0 or the status to send. */
static int
take_request_line(struct request *request, const char *head, struct piece line)
{
	struct piece rest = line;
	struct piece method;
	struct piece target;
	int status;

	request->line = span_of(head, line);
	status = check_method(line);
	if (status != 0)
		return status;
	if (!split_at(&rest, ' ', &method) || !split_at(&rest, ' ', &target))
		return 400;
	request->method = method_of(method);
	status = take_version(request, rest);
	if (status != 0)
		return status;
	request->has_line = true;
	return take_target(request, head, target);
}

/* --- the fields --------------------------------------------------------- */

/*
 * Which of the kept fields has that name; REQUEST_FIELD_COUNT if none.  In
 * the names that frame a message an underscore is taken for a hyphen: there
 * are gateways that do, and it has no honest use.
 */
static enum request_field
field_of(struct piece name)
{
	static const struct {
		struct piece name;
		enum request_field field;
	} known[] = {
		{ WORD_PIECE("host"), REQUEST_HOST },
		{ WORD_PIECE("connection"), REQUEST_CONNECTION },
		{ WORD_PIECE("content-length"), REQUEST_CONTENT_LENGTH },
		{ WORD_PIECE("content_length"), REQUEST_CONTENT_LENGTH },
		{ WORD_PIECE("transfer-encoding"), REQUEST_TRANSFER_ENCODING },
		{ WORD_PIECE("transfer_encoding"), REQUEST_TRANSFER_ENCODING },
		{ WORD_PIECE("expect"), REQUEST_EXPECT },
		{ WORD_PIECE("if-modified-since"), REQUEST_IF_MODIFIED_SINCE },
		{ WORD_PIECE("if-none-match"), REQUEST_IF_NONE_MATCH },
		{ WORD_PIECE("referer"), REQUEST_REFERER },
		{ WORD_PIECE("user-agent"), REQUEST_USER_AGENT },
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (equals(name, known[i].name))
			return known[i].field;
	}
	return REQUEST_FIELD_COUNT;
}

/* RFC 9112, 9.3.  Several lines count as one list. */
static void
take_connection(struct request *request, struct piece list)
{
	static const struct piece close = WORD_PIECE("close");
	static const struct piece keep_alive = WORD_PIECE("keep-alive");
	bool has_more;

	do {
		struct piece option = list;

		has_more = split_at(&list, ',', &option);
		option = trimmed(option);
		if (equals(option, close))
			request->says_close = true;
		else if (equals(option, keep_alive))
			request->says_keep_alive = true;
	} while (has_more);
}

/* Returns 0 or the status to send. */
static int
take_field(struct request *request, const char *head, struct piece line)
{
	struct piece value = line;
	struct piece name;
	enum request_field field;

	if (++request->fields > REQUEST_FIELDS)
		return 431;
	if (!split_at(&value, ':', &name) || name.n == 0)
		return 400;
	/* This also refuses a folded line and a space before the colon. */
	if (span_in(name, IN_TOKEN) < name.n)
		return 400;
	value = trimmed(value);
	field = field_of(name);
	if (field == REQUEST_FIELD_COUNT)
		return 0;
	if (field == REQUEST_CONNECTION)
		take_connection(request, value);
	if (request_has(request, field))
		request->repeated |= UINT32_C(1) << field;
	else
		request->field[field] = span_of(head, value);
	return 0;
}

/* --- the head as a whole ------------------------------------------------ */

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
	length = piece_of(head, request->field[REQUEST_CONTENT_LENGTH]);
	if (length.n == 0 || length.n > LENGTH_DIGITS)
		return 400;
	for (i = 0; i < length.n; i++) {
		if (!is_digit(length.bytes[i]))
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
	host = piece_of(head, request->field[REQUEST_HOST]);
	if (!is_authority(host))
		return 400;
	if (request->authority.start != 0 &&
	    !equals(host, piece_of(head, request->authority)))
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
	status = check_method(line);
	if (status == 0 && line.n > REQUEST_LINE_BYTES)
		status = 414;
	return status;
}

static int
take_line(struct request *request, const char *head, struct piece line)
{
	if (request->has_line)
		return take_field(request, head, line);
	if (line.n > 0)
		return take_request_line(request, head, line);
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
	unsigned char class = request->has_line ? IN_FIELD : IN_LINE;

	request->scanned += (uint16_t)span_in(rest, class);
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
