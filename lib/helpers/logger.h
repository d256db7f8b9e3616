/* SPDX-License-Identifier: MIT */
/*
 * The logger: a process that turns records into lines on stderr.
 *
 * It alone waits for whoever reads stderr.  Everybody else sends it a record
 * without waiting; a record that finds no room is lost, counted, and the loss
 * is said as soon as there is room again.
 */
#ifndef TS_HELPERS_LOGGER_H
#define TS_HELPERS_LOGGER_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/monotime.h"
#include "jail/jail.h"
#include "os/log_socket.h"

/* What all processes share: counts, in case one of them ends. */
struct ts_logger_shared {
	_Atomic uint64_t lost_lines;
	/* Of these, how many the log has told of. */
	_Atomic uint64_t said_lines;
};

struct ts_logger {
	/* Begins each line of the server's own. */
	const char *name;
	struct ts_records records;
	struct ts_logger_shared *shared;
	int null_fd;
	const struct ts_jail *jail;
	/* 0: there is none now. */
	pid_t pid;
	/* When to start another, after one has died. */
	struct ts_monotime retry_at;
};

/*
 * Opens the way to the logger and starts it.  `name`, `null_fd` and `jail`
 * stay the caller's.  Fails with what socketpair(2), mmap(2) or fork(2) says.
 */
int ts_logger_open(struct ts_logger *ret_logger, const char *name, int null_fd,
    const struct ts_jail *jail);

/*
 * Waits, for at most a second, until the logger has written what it has, and
 * ends it.  Only when no child is left that could still send.
 */
void ts_logger_close(struct ts_logger *logger);

/* The logger has died: start another at `now`, or a second later. */
void ts_logger_died(struct ts_logger *logger, struct ts_monotime now);

/* Starts another if it is time to. */
void ts_logger_restart_if_due(struct ts_logger *logger, struct ts_monotime now);

/* One line "name: ..." of the server's own. */
void ts_logger_say(struct ts_logger *logger, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* One record, from any process: its descriptor, and where losses count. */
void ts_logger_send(int write_fd, struct ts_logger_shared *shared,
    const char *text, size_t size);

#endif
