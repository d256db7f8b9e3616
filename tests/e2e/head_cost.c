/* SPDX-License-Identifier: MIT */
/*
 * Reads one head from stdin in pieces of STEP bytes, and says what came of it;
 * to be run where instructions are counted.
 *
 *	head_cost STEP
 */
#include <stdio.h>
#include <stdlib.h>

#include "http/accept.h"
#include "http/coding.h"
#include "http/conditional.h"
#include "http/parser.h"
#include "http/range.h"
#include "http/url_path.h"

/* Of the file that ranges are asked of. */
#define SIZE (INT64_C(1) << 40)

/* What is counted: all that is computed from a head. */
static __attribute__((noinline)) int
read_head(const char *head, size_t n, size_t step)
{
	static struct urlpath path;
	static const struct piece tag = PIECE_OF("\"0123456789abcdef\"");
	struct conditional condition;
	enum coding choice[CODING_COUNT];
	struct request request = { 0 };
	static struct ranges ranges;
	size_t given = 0;

	while (given < n && request_parse(&request, head, given) < 0 &&
	    request.status == 0)
		given = given + step < n ? given + step : n;
	if (request_parse(&request, head, n) <= 0)
		return request.status;
	if (request.path.n > 0)
		(void)urlpath_parse(&path, head + request.path.start,
		    request.path.n);
	conditional_read(&condition, &request, head, tag);
	(void)range_parse(&ranges,
	    request_piece(head, request.field[REQUEST_RANGE]), SIZE);
	(void)coding_choose(choice, &request, head);
	(void)accept_choose(&request, head);
	return 200;
}

int
main(int argc, char **argv)
{
	static char head[REQUEST_HEAD_BYTES];
	size_t n = fread(head, 1, sizeof(head), stdin);

	if (argc != 2)
		return 2;
	printf("%d\n", read_head(head, n, strtoul(argv[1], NULL, 10)));
	return 0;
}
