/* SPDX-License-Identifier: MIT */
#include "apart.h"

#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include <assert.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define LIMIT_MS 20000

void
apart_start(struct apart *apart, void (*body)(void))
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	*apart = (struct apart){ .stderr_fd = ends[0] };
	apart->pid = fork();
	assert_true(apart->pid >= 0);
	if (apart->pid > 0) {
		(void)close(ends[1]);
		apart->pid_fd = pidfd_open(apart->pid, 0);
		assert_true(apart->pid_fd >= 0);
		return;
	}
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	assert(dup2(ends[1], STDERR_FILENO) == STDERR_FILENO);
	(void)close(ends[0]);
	(void)close(ends[1]);
	body();
	_exit(0);
}

/* Takes what is there, without waiting. */
static void
hear(struct apart *apart)
{
	ssize_t n;

	do {
		n = read(apart->stderr_fd, apart->said + apart->said_bytes,
		    APART_SAID_SIZE - 1 - apart->said_bytes);
		if (n > 0)
			apart->said_bytes += (size_t)n;
	} while (n > 0);
}

void
apart_await_word(struct apart *apart)
{
	struct pollfd word = { .fd = apart->stderr_fd, .events = POLLIN };

	assert_int_equal(poll(&word, 1, LIMIT_MS), 1);
	hear(apart);
}

void
apart_finish(struct apart *apart)
{
	struct pollfd end = { .fd = apart->pid_fd, .events = POLLIN };
	int status;

	/* Not an alarm: its body may set one of its own. */
	if (poll(&end, 1, LIMIT_MS) != 1)
		(void)kill(apart->pid, SIGKILL);
	assert_int_equal(waitpid(apart->pid, &status, 0), apart->pid);
	hear(apart);
	(void)close(apart->pid_fd);
	(void)close(apart->stderr_fd);
	if (status != 0)
		fail_msg("wait status %#x: %s", status, apart->said);
}

size_t
apart_lines(const struct apart *apart)
{
	size_t lines = 0;

	for (size_t i = 0; i < apart->said_bytes; i++)
		lines += apart->said[i] == '\n';
	return lines;
}

void
apart_keeps_promise(void **state)
{
	const struct apart_promise *promise = *state;
	struct apart apart;

	apart_start(&apart, promise->body);
	apart_finish(&apart);
	if (promise->message == NULL) {
		assert_string_equal(apart.said, "");
		return;
	}
	assert_int_equal(apart_lines(&apart), 1);
	if (strstr(apart.said, promise->message) == NULL)
		fail_msg("no \"%s\" in: %s", promise->message, apart.said);
}
