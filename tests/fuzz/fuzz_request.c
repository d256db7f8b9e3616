/* SPDX-License-Identifier: MIT */
/* Fuzzes the parser of request heads: whole and dripped give the same. */
#include "http/parser.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_span(struct request_span span, size_t head_bytes)
{
	assert((size_t)span.start + span.n <= head_bytes);
}

/* What is true of every head that was accepted. */
static void
check_accepted(const struct request *request, size_t head_bytes)
{
	int i;

	assert(request->status == 0);
	assert(request->method != REQUEST_NONE);
	assert(head_bytes <= REQUEST_HEAD_BYTES);
	check_span(request->path, head_bytes);
	check_span(request->query, head_bytes);
	check_span(request->authority, head_bytes);
	check_span(request->line, head_bytes);
	for (i = 0; i < REQUEST_FIELD_COUNT; i++)
		check_span(request->field[i], head_bytes);
	assert(request_has(request, REQUEST_TRANSFER_ENCODING) ==
	    (request->body == REQUEST_BODY_CHUNKED));
	assert(request->minor == 0 || request_has(request, REQUEST_HOST));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *head = (const char *)data;
	struct request whole = { 0 };
	struct request dripped = { 0 };
	int r = request_parse(&whole, head, size);
	int drip = -EAGAIN;
	size_t n;

	for (n = 1; n <= size && drip == -EAGAIN; n++)
		drip = request_parse(&dripped, head, n);
	assert(r == drip);
	assert(whole.status == dripped.status);
	if (r > 0) {
		assert((size_t)r <= size);
		check_accepted(&whole, (size_t)r);
	} else {
		assert((r == -EAGAIN) == (whole.status == 0));
	}
	return 0;
}
