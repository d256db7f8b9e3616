/* SPDX-License-Identifier: MIT */
/* The channel from children to their parent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "forked.h"
#include "os/channel.h"
#include "os/fd.h"

#define MESSAGE "a message"

static struct ts_channel channel = { -1, -1 };

static int
open_channel(void **state)
{
	(void)state;
	return ts_channel_open(&channel);
}

static int
close_channel(void **state)
{
	(void)state;
	ts_channel_close(&channel);
	return 0;
}

static void
both_ends_are_the_parents_own(void **state)
{
	const int fds[] = { channel.write_fd, channel.read_fd };

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_true(fds[i] >= TS_FD_PARENT);
		assert_true(process_is_cloexec(fds[i]));
	}
	ts_channel_close(&channel);
	for (int i = 0; i < 2; i++)
		assert_false(process_is_open(fds[i]));
	/* Once more is harmless. */
	ts_channel_close(&channel);
}

static int
send_message(void *arg)
{
	(void)arg;
	assert(
	    ts_channel_send(channel.write_fd, MESSAGE, sizeof(MESSAGE)) == 0);
	return 0;
}

static void
the_kernel_names_the_sender(void **state)
{
	char text[sizeof(MESSAGE)] = "";
	pid_t senders[3];
	pid_t pid = -7;

	(void)state;
	for (int i = 0; i < 3; i++) {
		senders[i] = process_start(send_message, NULL);
		assert_true(
		    process_has_input(channel.read_fd, PROCESS_LIMIT_MS));
		assert_int_equal(ts_channel_receive(channel.read_fd, &pid, text,
				     sizeof(text)),
		    1);
		assert_int_equal(pid, senders[i]);
		assert_string_equal(text, MESSAGE);
	}
	for (int i = 0; i < 3; i++)
		assert_int_equal(process_wait(senders[i], PROCESS_LIMIT_MS), 0);
	assert_int_equal(
	    ts_channel_receive(channel.read_fd, &pid, text, sizeof(text)), 0);
}

/* A sender that is not root cannot name another process. */
static int
name_another(void *arg)
{
	struct ucred other = { getppid(), getuid(), getgid() };
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(other))];
	} control = { .bytes = "" };
	char text[] = MESSAGE;
	struct iovec part = { text, sizeof(text) };
	struct msghdr header = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&header);

	(void)arg;
	if (getuid() == 0)
		assert(setresuid(65534, 65534, 65534) == 0);
	other.uid = getuid();
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_CREDENTIALS;
	c->cmsg_len = CMSG_LEN(sizeof(other));
	memcpy(CMSG_DATA(c), &other, sizeof(other));
	assert(sendmsg(channel.write_fd, &header, 0) == -1 && errno == EPERM);
	return 0;
}

static void
a_sender_cannot_name_another(void **state)
{
	(void)state;
	process_run(name_another, NULL);
}

static void
a_message_of_another_size_is_malformed(void **state)
{
	static const size_t sizes[] = { 0, 1, sizeof(MESSAGE) - 1,
		sizeof(MESSAGE) + 1, 100 };
	static const char bytes[100];
	char text[sizeof(MESSAGE)];
	pid_t pid;

	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		pid = 0;
		assert_int_equal(
		    ts_channel_send(channel.write_fd, bytes, sizes[i]), 0);
		assert_int_equal(ts_channel_receive(channel.read_fd, &pid, text,
				     sizeof(text)),
		    -EBADMSG);
		/* Its sender can be held to account. */
		assert_int_equal(pid, getpid());
	}
}

/* Sends a message with as many descriptors as there may be. */
static void
send_descriptors(void)
{
	int fds[253];
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(fds))];
	} control = { .bytes = "" };
	char text[] = MESSAGE;
	struct iovec part = { text, sizeof(text) };
	struct msghdr header = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&header);

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		fds[i] = STDIN_FILENO;
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(c), fds, sizeof(fds));
	assert_int_equal(sendmsg(channel.write_fd, &header, 0),
	    sizeof(MESSAGE));
}

static void
no_descriptor_is_received(void **state)
{
	char text[sizeof(MESSAGE)] = "";
	char before[PROCESS_FDS_SIZE];
	char after[PROCESS_FDS_SIZE];
	pid_t pid = 0;

	(void)state;
	process_list_fds(before);
	send_descriptors();
	assert_int_equal(
	    ts_channel_receive(channel.read_fd, &pid, text, sizeof(text)), 1);
	process_list_fds(after);
	assert_string_equal(before, after);
	assert_int_equal(pid, getpid());
}

static void
a_full_channel_holds_nobody(void **state)
{
	char text[sizeof(MESSAGE)];
	unsigned count = 0;
	pid_t pid;
	int r;

	(void)state;
	for (;;) {
		r = ts_channel_send(channel.write_fd, MESSAGE, sizeof(MESSAGE));
		if (r < 0)
			break;
		count++;
		assert_true(count < 1000000);
	}
	assert_int_equal(r, -EAGAIN);
	while (count-- > 0)
		assert_int_equal(ts_channel_receive(channel.read_fd, &pid, text,
				     sizeof(text)),
		    1);
	assert_int_equal(
	    ts_channel_receive(channel.read_fd, &pid, text, sizeof(text)), 0);
	assert_int_equal(
	    ts_channel_send(channel.write_fd, MESSAGE, sizeof(MESSAGE)), 0);
}

static int
open_without_descriptors(void *arg)
{
	const struct rlimit few = { TS_FD_PARENT + 1, TS_FD_PARENT + 1 };
	struct ts_channel none = { -7, -7 };
	char before[PROCESS_FDS_SIZE];
	char after[PROCESS_FDS_SIZE];

	(void)arg;
	ts_channel_close(&channel);
	process_list_fds(before);
	assert(setrlimit(RLIMIT_NOFILE, &few) == 0);
	assert(ts_channel_open(&none) < 0);
	assert(none.write_fd == -7 && none.read_fd == -7);
	process_list_fds(after);
	assert(strcmp(before, after) == 0);
	return 0;
}

static void
a_failure_leaves_nothing_open(void **state)
{
	(void)state;
	process_run(open_without_descriptors, NULL);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, open_channel, close_channel)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(both_ends_are_the_parents_own),
		TEST(the_kernel_names_the_sender),
		TEST(a_sender_cannot_name_another),
		TEST(a_message_of_another_size_is_malformed),
		TEST(no_descriptor_is_received),
		TEST(a_full_channel_holds_nobody),
		TEST(a_failure_leaves_nothing_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
