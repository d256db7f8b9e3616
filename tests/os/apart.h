/* SPDX-License-Identifier: MIT */
/*
 * Runs the body of a test in a process of its own, so that it may change
 * limits, signals and descriptors, and use assert().
 */
#ifndef TESTS_OS_APART_H
#define TESTS_OS_APART_H

#include <sys/types.h>

#include <stddef.h>

/* Longer than any message, and than what assert() says. */
#define APART_SAID_SIZE 4096

struct apart {
	pid_t pid;
	/* Readable once it has ended. */
	int pid_fd;
	/* The reading end of its stderr. */
	int stderr_fd;
	/* What has been read from there. */
	char said[APART_SAID_SIZE];
	size_t said_bytes;
};

/* Starts `body`; it does not outlive the test. */
void apart_start(struct apart *apart, void (*body)(void));

/* Waits until it has written to stderr. */
void apart_await_word(struct apart *apart);

/* Waits for its end, and kills it if that is unduly far; fails the test unless
 * the body has returned. */
void apart_finish(struct apart *apart);

/* A promise, and the body that asserts it. */
struct apart_promise {
	const char *words;
	void (*body)(void);
	/* In the one line it writes to stderr; NULL: it writes nothing. */
	const char *message;
};

/* A cmocka test: *state is a struct apart_promise. */
void apart_keeps_promise(void **state);

/* How many lines it has written. */
size_t apart_lines(const struct apart *apart);

#endif
