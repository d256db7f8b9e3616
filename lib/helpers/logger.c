/* SPDX-License-Identifier: MIT */
/* The logger: a process that turns records into lines on stderr. */
#include "helpers/logger.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/escape.h"
#include "os/arena.h"
#include "os/fd.h"
#include "os/process.h"
#include "os/signals.h"

#define RETRY_MS 1000
#define CLOSE_MS 1000

/*
 * Lines that wait to be written, in the logger.  They go out together, whole,
 * and no more than a pipe takes without mixing them with somebody else's
 * (PIPE_BUF, see pipe(7)); a longer line goes alone.
 */
struct page {
	/* At most PIPE_BUF are used, but for the line that is being added. */
	char bytes[PIPE_BUF + TS_ESCAPE_ROOM(TS_RECORDS_BYTES) + 1];
	size_t used_bytes;
};

static uint64_t
count_lines(const char *bytes, size_t size)
{
	uint64_t lines = 0;

	for (size_t i = 0; i < size; i++)
		lines += bytes[i] == '\n';
	return lines;
}

/* Writes to stderr.  Returns how many bytes it has taken. */
static size_t
take(const char *bytes, size_t size)
{
	ssize_t n = size > 0 ? write(STDERR_FILENO, bytes, size) : 0;

	return n > 0 ? (size_t)n : 0;
}

/* What stderr does not take, for whatever reason, is lost. */
static void
write_bytes(const struct ts_logger *logger, const char *bytes, size_t size)
{
	size_t taken = take(bytes, size);

	atomic_fetch_add(&logger->shared->lost_lines,
	    count_lines(bytes + taken, size - taken));
}

static void
flush(const struct ts_logger *logger, struct page *page)
{
	write_bytes(logger, page->bytes, page->used_bytes);
	page->used_bytes = 0;
}

static void
add_line(const struct ts_logger *logger, struct page *page, const char *text,
    size_t size)
{
	size_t before = page->used_bytes;
	size_t n = ts_escape(page->bytes + before, text, size);

	page->bytes[before + n] = '\n';
	page->used_bytes = before + n + 1;
	if (page->used_bytes <= PIPE_BUF)
		return;
	write_bytes(logger, page->bytes, before);
	page->used_bytes = n + 1;
	memmove(page->bytes, page->bytes + before, page->used_bytes);
	if (page->used_bytes > PIPE_BUF)
		flush(logger, page);
}

/*
 * Says how many lines were lost, if any since that was last said.  Where that
 * is lost as well, it is still to be said.
 */
static void
say_losses(const struct ts_logger *logger)
{
	uint64_t lost = atomic_load(&logger->shared->lost_lines);
	uint64_t said = atomic_load(&logger->shared->said_lines);
	char text[128];
	char line[TS_ESCAPE_ROOM(sizeof(text)) + 1];
	size_t n;

	if (lost == said)
		return;
	n = (size_t)snprintf(text, sizeof(text), "%.64s: %llu log lines lost",
	    logger->name, (unsigned long long)(lost - said));
	n = ts_escape(line, text, n);
	line[n++] = '\n';
	if (take(line, n) == n)
		atomic_store(&logger->shared->said_lines, lost);
}

/* In the logger: its descriptors are 2, the log, and 3, the records. */
static int
settle(const struct ts_logger *logger)
{
	const struct ts_spawn_move moves[] = {
		{ logger->records.read_fd, TS_FD_CONNECTION },
		{ logger->null_fd, STDIN_FILENO },
		{ logger->null_fd, STDOUT_FILENO },
	};

	ts_signals_block_all();
	return ts_spawn_settle(moves, 3, TS_FD_CONNECTION);
}

/* All the records there are now, and then the lines they make. */
static ssize_t
serve_some(const struct ts_logger *logger, struct page *page)
{
	char text[TS_RECORDS_BYTES];
	ssize_t n;

	n = ts_records_receive(TS_FD_CONNECTION, text, sizeof(text));
	while (n > 0) {
		add_line(logger, page, text, (size_t)n);
		n = ts_records_receive_now(TS_FD_CONNECTION, text,
		    sizeof(text));
	}
	flush(logger, page);
	say_losses(logger);
	return n;
}

/* What the logger does, until there is nobody left to send. */
static void
serve(const struct ts_logger *logger)
{
	struct page page;
	ssize_t n;

	page.used_bytes = 0;
	do
		n = serve_some(logger, &page);
	while (n == -EAGAIN || n == -EBADMSG);
}

static int
start(struct ts_logger *logger)
{
	pid_t pid;

	pid = ts_spawn();
	if (pid < 0)
		return pid;
	if (pid == 0) {
		if (ts_jail_confine(logger->jail, TS_JAIL_LOGGER) == 0 &&
		    settle(logger) == 0 &&
		    ts_jail_seal(logger->jail, TS_JAIL_LOGGER) == 0)
			serve(logger);
		_exit(0);
	}
	logger->pid = pid;
	logger->retry_at = TS_MONOTIME_NEVER;
	return 0;
}

int
ts_logger_open(struct ts_logger *ret_logger, const char *name, int null_fd,
    const struct ts_jail *jail)
{
	struct ts_logger logger = {
		.name = name,
		.null_fd = null_fd,
		.jail = jail,
	};
	void *page;
	int r;

	r = ts_table_open_shared(&page, sizeof(struct ts_logger_shared));
	if (r < 0)
		return r;
	logger.shared = page;
	r = ts_records_open(&logger.records);
	if (r < 0)
		goto fail;
	r = start(&logger);
	if (r < 0)
		goto fail_records;
	*ret_logger = logger;
	return 0;
fail_records:
	ts_records_close(&logger.records);
fail:
	ts_table_close_shared(page, sizeof(struct ts_logger_shared));
	return r;
}

void
ts_logger_close(struct ts_logger *logger)
{
	ts_records_close(&logger->records);
	if (logger->pid > 0)
		ts_spawn_end(logger->pid, CLOSE_MS);
	logger->pid = 0;
	ts_table_close_shared(logger->shared, sizeof(struct ts_logger_shared));
	logger->shared = NULL;
}

void
ts_logger_died(struct ts_logger *logger, struct ts_monotime now)
{
	logger->pid = 0;
	logger->retry_at = ts_monotime_add_ms(now, RETRY_MS);
}

void
ts_logger_restart_if_due(struct ts_logger *logger, struct ts_monotime now)
{
	if (logger->pid > 0 || !ts_monotime_is_due(logger->retry_at, now))
		return;
	if (start(logger) < 0)
		logger->retry_at = ts_monotime_add_ms(now, RETRY_MS);
	else
		ts_logger_say(logger, "logger died, another was started");
}

void
ts_logger_send(int write_fd, struct ts_logger_shared *shared, const char *text,
    size_t size)
{
	if (size > 0 && ts_records_send(write_fd, text, size) < 0)
		atomic_fetch_add(&shared->lost_lines, 1);
}

void
ts_logger_say(struct ts_logger *logger, const char *format, ...)
{
	char text[1024];
	va_list arguments;
	int n;

	n = snprintf(text, sizeof(text), "%.64s: ", logger->name);
	va_start(arguments, format);
	(void)vsnprintf(text + n, sizeof(text) - (size_t)n, format, arguments);
	va_end(arguments);
	ts_logger_send(logger->records.write_fd, logger->shared, text,
	    strlen(text));
}
