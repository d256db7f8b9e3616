/* SPDX-License-Identifier: MIT */
/* The text of files of the kernel: memory and control groups. */
#include "core/proc_text.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define KIB_BYTES 1024

/* A stretch of text. */
struct span {
	const char *at;
	size_t size;
};

static bool
is_equal(struct span span, const char *word)
{
	return span.size == strlen(word) &&
	    memcmp(span.at, word, span.size) == 0;
}

/*
 * Takes what comes before the first `end`, and that as well; without one, all
 * there is.
 */
static struct span
take_until(struct span *rest, char end)
{
	const char *found = memchr(rest->at, end, rest->size);
	struct span taken = *rest;

	if (found != NULL)
		taken.size = (size_t)(found - rest->at);
	rest->at += taken.size + (found != NULL ? 1 : 0);
	rest->size -= taken.size + (found != NULL ? 1 : 0);
	return taken;
}

static struct span
without_blanks_before(struct span span)
{
	while (span.size > 0 && (*span.at == ' ' || *span.at == '\t')) {
		span.at++;
		span.size--;
	}
	return span;
}

/* Decimal digits and nothing else. */
static int
parse_number(struct span digits, uint64_t *ret_number)
{
	uint64_t number = 0;

	if (digits.size == 0)
		return -EBADMSG;
	for (size_t i = 0; i < digits.size; i++) {
		uint64_t digit = (uint64_t)(digits.at[i] - '0');

		if (digits.at[i] < '0' || digits.at[i] > '9' ||
		    number > (UINT64_MAX - digit) / 10)
			return -EBADMSG;
		number = number * 10 + digit;
	}
	*ret_number = number;
	return 0;
}

int
ts_proc_text_memory(const char *text, size_t size, uint64_t *ret_bytes)
{
	struct span rest = { text, size };
	struct span line;
	uint64_t kib;

	while (rest.size > 0) {
		line = take_until(&rest, '\n');
		if (!is_equal(take_until(&line, ':'), "MemTotal"))
			continue;
		line = without_blanks_before(line);
		if (parse_number(take_until(&line, ' '), &kib) < 0 ||
		    !is_equal(line, "kB") || kib > UINT64_MAX / KIB_BYTES)
			return -EBADMSG;
		*ret_bytes = kib * KIB_BYTES;
		return 0;
	}
	return -ENOENT;
}

int
ts_proc_text_limit(const char *text, size_t size, uint64_t *ret_limit)
{
	struct span rest = { text, size };
	struct span line = take_until(&rest, '\n');

	if (rest.size > 0)
		return -EBADMSG;
	if (!is_equal(line, "max"))
		return parse_number(line, ret_limit);
	*ret_limit = UINT64_MAX;
	return 0;
}

/* Whether a list "cpu,memory" names `controller`; an empty one names "". */
static bool
has_controller(struct span list, const char *controller)
{
	do
		if (is_equal(take_until(&list, ','), controller))
			return true;
	while (list.size > 0);
	return false;
}

static bool
leads_upwards(struct span path)
{
	while (path.size > 0)
		if (is_equal(take_until(&path, '/'), ".."))
			return true;
	return false;
}

static int
copy_path(struct span path, char ret_path[TS_PROC_TEXT_PATH_SIZE])
{
	if (path.size == 0 || *path.at != '/' ||
	    path.size >= TS_PROC_TEXT_PATH_SIZE ||
	    memchr(path.at, '\0', path.size) != NULL || leads_upwards(path))
		return -EBADMSG;
	if (is_equal(path, "/"))
		path.size = 0;
	memcpy(ret_path, path.at, path.size);
	ret_path[path.size] = '\0';
	return 0;
}

int
ts_proc_text_cgroup(const char *text, size_t size, const char *controller,
    char ret_path[TS_PROC_TEXT_PATH_SIZE])
{
	struct span rest = { text, size };
	struct span line;

	/* A line without its end may be cut off. */
	while (memchr(rest.at, '\n', rest.size) != NULL) {
		line = take_until(&rest, '\n');
		/* ID:CONTROLLERS:PATH; a path may have colons. */
		(void)take_until(&line, ':');
		if (has_controller(take_until(&line, ':'), controller))
			return copy_path(line, ret_path);
	}
	return -ENOENT;
}
