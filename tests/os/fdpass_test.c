/* SPDX-License-Identifier: MIT */
/* Handing a descriptor to another process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <assert.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "forked.h"
#include "os/fd.h"
#include "os/fdpass.h"

#define WORDS "seven.."
#define SIZE sizeof(WORDS)

static int ends[2];

static int
open_ends(void **state)
{
	(void)state;
	return ts_fdpass_open(ends);
}

static int
close_ends(void **state)
{
	(void)state;
	ts_fd_close(&ends[0]);
	ts_fd_close(&ends[1]);
	return 0;
}

static int
receive(int *ret_fd, pid_t *ret_pid)
{
	char words[SIZE] = "";
	int r = ts_fdpass_receive(ends[1], ret_fd, ret_pid, words, SIZE);

	if (r == 1)
		assert_string_equal(words, WORDS);
	return r;
}

static void
ends_are_the_parents_alone(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_true(ends[i] >= TS_FD_PARENT);
		assert_true(process_is_cloexec(ends[i]));
	}
}

static int
hand_over_a_pipe(void *arg)
{
	int pipe_fds[2];

	(void)arg;
	assert(pipe2(pipe_fds, O_CLOEXEC) == 0);
	assert(write(pipe_fds[1], "x", 1) == 1);
	assert(ts_fdpass_send(ends[0], pipe_fds[0], WORDS, SIZE) == 0);
	/* It stays open here. */
	assert(process_is_open(pipe_fds[0]));
	return 0;
}

static void
what_another_hands_over_arrives(void **state)
{
	pid_t child;
	pid_t pid = 0;
	int fd = -1;
	char c = 0;

	(void)state;
	child = process_start(hand_over_a_pipe, NULL);
	assert_int_equal(process_wait(child, PROCESS_LIMIT_MS), 0);
	assert_int_equal(receive(&fd, &pid), 1);
	/* It says who it was, though that is no more. */
	assert_int_equal(pid, child);
	assert_true(process_is_cloexec(fd));
	assert_int_equal(read(fd, &c, 1), 1);
	assert_int_equal(c, 'x');
	(void)close(fd);
}

static void
does_not_wait_and_tells_the_end(void **state)
{
	pid_t pid;
	int fd;

	(void)state;
	assert_int_equal(receive(&fd, &pid), -EAGAIN);
	assert_int_equal(ts_fdpass_send(ends[0], 0, WORDS, SIZE), 0);
	ts_fd_close(&ends[0]);
	/* First what was sent, then the end. */
	assert_int_equal(receive(&fd, &pid), 1);
	(void)close(fd);
	assert_int_equal(receive(&fd, &pid), 0);
}

/* As it is stopped: nobody can send, what was sent is still there. */
static void
a_shut_end_gives_what_it_has_and_no_more(void **state)
{
	pid_t pid;
	int fd;

	(void)state;
	assert_int_equal(ts_fdpass_send(ends[0], 0, WORDS, SIZE), 0);
	assert_int_equal(shutdown(ends[1], SHUT_RDWR), 0);
	assert_int_equal(ts_fdpass_send(ends[0], 0, WORDS, SIZE), -EPIPE);
	assert_int_equal(receive(&fd, &pid), 1);
	(void)close(fd);
	assert_int_equal(receive(&fd, &pid), 0);
}

static void
does_not_wait_for_room(void **state)
{
	pid_t pid;
	int sent = 0;
	int fd;
	int r;

	(void)state;
	do {
		r = ts_fdpass_send(ends[0], 0, WORDS, SIZE);
		sent += r == 0;
	} while (r == 0);
	assert_true(r == -EAGAIN || r == -ETOOMANYREFS);
	for (; sent > 0; sent--) {
		assert_int_equal(receive(&fd, &pid), 1);
		(void)close(fd);
	}
	assert_int_equal(receive(&fd, &pid), -EAGAIN);
}

/* Sends `size` bytes with `count` descriptors. */
static void
send_anything(size_t size, unsigned count)
{
	char bytes[64] = WORDS;
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(8 * sizeof(int))];
	} control = { .bytes = { 0 } };
	struct iovec part = { .iov_base = bytes, .iov_len = size };
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };
	struct cmsghdr *rights;

	if (count > 0) {
		header.msg_control = control.bytes;
		header.msg_controllen = CMSG_SPACE(count * sizeof(int));
		rights = CMSG_FIRSTHDR(&header);
		rights->cmsg_level = SOL_SOCKET;
		rights->cmsg_type = SCM_RIGHTS;
		/* All of them 0: a descriptor that is always there. */
		rights->cmsg_len = CMSG_LEN(count * sizeof(int));
	}
	assert_int_equal(sendmsg(ends[0], &header, 0), size);
}

static const struct {
	size_t size;
	unsigned count;
	int expected;
} messages[] = {
	{ SIZE, 1, 1 },
	{ SIZE, 0, -EBADMSG },
	{ SIZE, 2, -EBADMSG },
	{ SIZE, 4, -EBADMSG },
	{ SIZE, 8, -EBADMSG },
	{ SIZE - 1, 1, -EBADMSG },
	{ SIZE + 1, 1, -EBADMSG },
	/* Empty, which is not the end. */
	{ 0, 0, -EBADMSG },
	{ 0, 1, -EBADMSG },
};

static void
anything_else_is_thrown_away(void **state)
{
	char before[PROCESS_FDS_SIZE];
	char after[PROCESS_FDS_SIZE];
	pid_t pid;

	(void)state;
	process_list_fds(before);
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		int fd = -1;
		int r;

		send_anything(messages[i].size, messages[i].count);
		r = receive(&fd, &pid);
		if (r != messages[i].expected)
			fail_msg("case %zu: %d", i, r);
		ts_fd_close(&fd);
	}
	assert_int_equal(receive(&(int){ -1 }, &pid), -EAGAIN);
	/* With all that came along. */
	process_list_fds(after);
	assert_string_equal(after, before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(ends_are_the_parents_alone,
		    open_ends, close_ends),
		cmocka_unit_test_setup_teardown(what_another_hands_over_arrives,
		    open_ends, close_ends),
		cmocka_unit_test_setup_teardown(does_not_wait_and_tells_the_end,
		    open_ends, close_ends),
		cmocka_unit_test_setup_teardown(
		    a_shut_end_gives_what_it_has_and_no_more, open_ends,
		    close_ends),
		cmocka_unit_test_setup_teardown(does_not_wait_for_room,
		    open_ends, close_ends),
		cmocka_unit_test_setup_teardown(anything_else_is_thrown_away,
		    open_ends, close_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
