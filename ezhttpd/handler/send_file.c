/* SPDX-License-Identifier: MIT */
/* Answers with a file. */
#include "handler/send_file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "handler/precompressed.h"
#include "http/coding.h"
#include "http/conditional.h"
#include "http/etag.h"
#include "http/multipart.h"

/* A body, or a part of one, up to this size is sent together with its head. */
#define SMALL_BYTES 16384
/* Up to this time a file has none that says when it was modified. */
#define TIME_UNSET_S 1

/* --- sending ------------------------------------------------------------ */

/* Appends a small range to what is to be sent before it. */
static int
append_range(struct text *text, const struct site_file *file,
    struct range range)
{
	const size_t n = (size_t)range.n;
	ssize_t got = pread(file->fd, text->bytes + text->n, n, range.start);

	/* It has become shorter, and its length is announced. */
	if (got != (ssize_t)n)
		return got < 0 ? -errno : -EIO;
	text->n += n;
	return 0;
}

/* Sends what was put together, and behind it a large range. */
static int
send_range(struct exchange *exchange, const struct text *text,
    const struct site_file *file, struct range range)
{
	int r = sender_send_more(exchange->sender, text->bytes, text->n);

	if (r < 0)
		return r;
	return sender_send_file(exchange->sender, file->fd, range.start,
	    range.n);
}

/* Sends a head, and one range as its body. */
static int
send_one(struct exchange *exchange, const struct response *response,
    const struct site_file *file, struct range range)
{
	struct text text;
	int r = exchange_put_head(exchange, response, &text);

	if (r < 0)
		return r;
	if (exchange_wants_body(exchange) && range.n > SMALL_BYTES)
		return send_range(exchange, &text, file, range);
	if (exchange_wants_body(exchange) && range.n > 0)
		r = append_range(&text, file, range);
	return r < 0 ? r : exchange_send_text(exchange, &text);
}

/* Sends what was put together, if the next part may not fit behind it. */
static int
flush_full(struct exchange *exchange, struct text *text)
{
	int r;

	if (text->size - text->n >= MULTIPART_HEAD_BYTES + SMALL_BYTES)
		return 0;
	r = sender_send_more(exchange->sender, text->bytes, text->n);
	text->n = 0;
	return r;
}

/* Sends one part, or puts it behind what is to be sent. */
static int
send_part(struct exchange *exchange, struct text *text,
    const struct site_file *file, const struct multipart *multipart, unsigned i)
{
	const struct range range = multipart->ranges->at[i];
	int r = flush_full(exchange, text);

	if (r < 0)
		return r;
	multipart_put_head(text, multipart, i);
	if (range.n <= SMALL_BYTES)
		return append_range(text, file, range);
	r = send_range(exchange, text, file, range);
	text->n = 0;
	return r;
}

/* Sends a head, and several ranges as the parts of its body. */
static int
send_several(struct exchange *exchange, const struct response *response,
    const struct site_file *file, const struct multipart *multipart)
{
	struct text text;
	unsigned i;
	int r = exchange_put_head(exchange, response, &text);

	for (i = 0; r == 0 && i < multipart->ranges->count; i++)
		r = send_part(exchange, &text, file, multipart, i);
	if (r == 0)
		r = flush_full(exchange, &text);
	if (r < 0)
		return r;
	multipart_put_end(&text, multipart);
	return exchange_send_text(exchange, &text);
}

/* --- what is sent ------------------------------------------------------- */

/*
 * The time for Last-Modified.  RFC 9110, 8.8.2.1: not later than Date.
 * Reproducible builds set all times to 0 or 1: such a time tells no version
 * from another, and makes caches keep a file for years without asking.
 */
static int64_t
modified_of(const struct exchange *exchange, const struct site_file *file)
{
	if (file->modified_s > exchange->now_s)
		return exchange->now_s;
	return file->modified_s <= TIME_UNSET_S ? RESPONSE_NONE
						: file->modified_s;
}

static void
make_tag(char ret_tag[ETAG_BYTES], const struct site_file *file)
{
	etag_format(ret_tag,
	    &(struct etag_facts){
		.inode = file->inode,
		.size = file->size,
		.modified_s = file->modified_s,
		.modified_ns = file->modified_ns,
		.changed_s = file->changed_s,
		.changed_ns = file->changed_ns,
	    });
}

/*
 * The ranges to send (RFC 9110, 14.2).  Returns false where all of it is to be
 * sent.  Of an empty file there is no range, and all of it is nothing.
 */
static bool
find_ranges(struct ranges *ret_ranges, const struct exchange *exchange,
    const struct conditional *condition, const struct conditional_state *state,
    int64_t size)
{
	const struct request *request = exchange->request;
	struct piece text =
	    request_piece(exchange->head, request->field[REQUEST_RANGE]);

	if (request->method != REQUEST_GET || size == 0 ||
	    !request_has(request, REQUEST_RANGE) ||
	    (request->repeated >> REQUEST_RANGE & 1) != 0 ||
	    !conditional_may_range(condition, state))
		return false;
	return range_parse(ret_ranges, text, size) == 0;
}

static int
answer_ranges(struct exchange *exchange, struct response *response,
    const struct site_file *file, const struct ranges *ranges)
{
	struct multipart multipart;
	uint64_t seed;

	response->status = 206;
	if (ranges->count == 1) {
		response->total = file->size;
		response->range = ranges->at[0];
		response->length = response->range.n;
		return send_one(exchange, response, file, response->range);
	}
	memcpy(&seed, response->tag.bytes + 1, sizeof(seed));
	multipart_init(&multipart, seed ^ (uint64_t)exchange->now_s);
	multipart.part_type = response->type;
	multipart.total = file->size;
	multipart.ranges = ranges;
	response->type = multipart.type;
	response->length = multipart_length(&multipart);
	return send_several(exchange, response, file, &multipart);
}

/* Nothing of it is sent: the client has it, or means another state of it. */
static int
answer_condition(struct exchange *exchange, struct response *response,
    int status)
{
	if (status == 412)
		return exchange_refuse(exchange, status);
	response->status = 304;
	response->type = NULL;
	response->coding = NULL;
	return exchange_send_head(exchange, response);
}

static int
answer_unsatisfiable(struct exchange *exchange, int64_t size)
{
	struct response response = exchange_response(exchange, 416);

	response.total = size;
	return exchange_send_page(exchange, &response);
}

/* Answers with the form of the file that was chosen. */
static int
answer_form(struct exchange *exchange, struct response *response,
    const struct site_file *file)
{
	char tag[ETAG_BYTES];
	struct conditional condition;
	struct conditional_state state = {
		.tag = { tag, sizeof(tag) },
		.modified_s = modified_of(exchange, file),
		.now_s = exchange->now_s,
	};
	/* Not on the stack, of which it would be the largest part. */
	static struct ranges ranges;
	int status;

	make_tag(tag, file);
	response->tag = state.tag;
	response->modified_s = state.modified_s;
	conditional_read(&condition, exchange->request, exchange->head,
	    state.tag);
	status = conditional_status(&condition, &state);
	if (status != 0)
		return answer_condition(exchange, response, status);
	response->has_ranges = true;
	if (find_ranges(&ranges, exchange, &condition, &state, file->size)) {
		if (ranges.count == 0)
			return answer_unsatisfiable(exchange, file->size);
		return answer_ranges(exchange, response, file, &ranges);
	}
	response->length = file->size;
	return send_one(exchange, response, file,
	    (struct range){ 0, file->size });
}

/* What the file is, and what is said of it. */
static void
describe(struct response *response, const struct exchange *exchange,
    const struct place *place)
{
	const char *path = place_shown(place);

	response->type =
	    mime_type(&exchange->service->mime, path, strlen(path));
	response->coding = mime_coding(path, strlen(path));
	response->policy = exchange->service->serving->policy;
}

int
filesend_answer(struct exchange *exchange, const struct site_file *file,
    struct place *place)
{
	struct response response = exchange_response(exchange, 200);
	struct site_file neighbour;
	enum coding coding = CODING_IDENTITY;
	int r;

	describe(&response, exchange, place);
	response.cache =
	    serving_cache(exchange->service->serving, place_shown(place));
	/* What is stored in a coding has no other. */
	response.is_negotiated =
	    response.coding == NULL && coding_may_help(response.type);
	if (response.is_negotiated)
		coding = neighbour_open(&neighbour, exchange, place, file);
	if (coding == CODING_IDENTITY)
		return answer_form(exchange, &response, file);
	response.coding = coding_name(coding);
	r = answer_form(exchange, &response, &neighbour);
	site_close(&neighbour);
	return r;
}

int
filesend_page(struct exchange *exchange, const struct site_file *file,
    const struct place *place, int status)
{
	struct response response = exchange_response(exchange, status);

	describe(&response, exchange, place);
	response.length = file->size;
	return send_one(exchange, &response, file,
	    (struct range){ 0, file->size });
}
