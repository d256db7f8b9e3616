/* SPDX-License-Identifier: MIT */
/* An orderly close: the answer arrives, and nobody is heard out for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "forked.h"
#include "os/linger.h"
#include "peers.h"

#define REQUEST "GET / HTTP/1.0\r\n\r\n"
#define ANSWER "an answer"
/* The status of a child whose client was not through. */
#define NOT_THROUGH 3

/* As the engine's connections are born: their end is a reset. */
static void
cut_at_the_end(int fd)
{
	const struct linger cut = { .l_onoff = 1, .l_linger = 0 };

	assert_int_equal(
	    setsockopt(fd, SOL_SOCKET, SO_LINGER, &cut, sizeof(cut)), 0);
}

/* A pair in which the client has sent more than its server has read. */
static void
open_answered_pair(int *ret_client, int *ret_server)
{
	peers_open_pair(ret_client, ret_server);
	cut_at_the_end(*ret_server);
	for (int i = 0; i < 100; i++)
		peers_send(*ret_client, REQUEST);
	assert_true(process_has_input(*ret_server, PROCESS_LIMIT_MS));
	peers_send(*ret_server, ANSWER);
}

/* What this module is there for: without it, this is what happens. */
static void
a_plain_close_is_a_reset(void **state)
{
	char text[256];
	int client;
	int server;

	(void)state;
	open_answered_pair(&client, &server);
	(void)close(server);
	assert_int_equal(
	    peers_read_to_end(client, text, sizeof(text), PROCESS_LIMIT_MS),
	    -ECONNRESET);
	(void)close(client);
}

/* The two ends: the child has no more than the server's. */
struct ends {
	int client;
	int server;
};

static int
hear_out(void *arg)
{
	const struct ends *ends = arg;

	(void)close(ends->client);
	return ts_linger_hear_out(ends->server) ? 0 : NOT_THROUGH;
}

/* Closes the server's end in a child, which alone has it from here on. */
static pid_t
start_close(int client, int server)
{
	struct ends ends = { client, server };
	pid_t pid = process_start(hear_out, &ends);

	(void)close(server);
	return pid;
}

static void
the_answer_arrives_though_more_was_sent_than_read(void **state)
{
	char text[256];
	int client;
	int server;
	pid_t pid;

	(void)state;
	open_answered_pair(&client, &server);
	pid = start_close(client, server);
	assert_int_equal(
	    peers_read_to_end(client, text, sizeof(text), PROCESS_LIMIT_MS), 0);
	assert_string_equal(text, ANSWER);
	/* The server is through as soon as the client is. */
	(void)close(client);
	assert_int_equal(process_wait(pid, TS_LINGER_MS / 2), 0);
}

/* A client that never ends costs so many bytes, and no more. */
static void
is_bounded_by_bytes(void **state)
{
	char block[4096];
	size_t sent = 0;
	int64_t begin = process_now_ms();
	int client;
	int server;
	pid_t pid;

	(void)state;
	memset(block, 'x', sizeof(block));
	open_answered_pair(&client, &server);
	pid = start_close(client, server);
	for (;;) {
		ssize_t n = send(client, block, sizeof(block), MSG_NOSIGNAL);

		if (n < 0)
			break;
		sent += (size_t)n;
		/* What the kernel holds on both sides is not heard. */
		assert_true(sent < (size_t)64 << 20);
	}
	assert_int_equal(process_wait(pid, PROCESS_LIMIT_MS), NOT_THROUGH << 8);
	assert_true(sent >= TS_LINGER_BYTES);
	assert_true(process_now_ms() - begin < TS_LINGER_MS);
	(void)close(client);
}

/* A client that says a byte now and then, and never ends. */
static void
is_bounded_by_time(void **state)
{
	struct pollfd end = { .events = POLLIN };
	int64_t begin = process_now_ms();
	int64_t took_ms;
	int client;
	int server;
	pid_t pid;

	(void)state;
	open_answered_pair(&client, &server);
	pid = start_close(client, server);
	end.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	while (poll(&end, 1, 100) == 0 &&
	    process_now_ms() - begin < PROCESS_LIMIT_MS)
		(void)send(client, "x", 1, MSG_NOSIGNAL);
	took_ms = process_now_ms() - begin;
	assert_int_equal(process_wait(pid, 0), NOT_THROUGH << 8);
	assert_in_range(took_ms, TS_LINGER_MS - 10, 2 * TS_LINGER_MS);
	(void)close(end.fd);
	(void)close(client);
}

/* As much as the kernel takes for a client that reads nothing. */
static size_t
fill(int fd)
{
	char block[4096];
	size_t sent = 0;
	ssize_t n;

	memset(block, 'x', sizeof(block));
	while ((n = send(fd, block, sizeof(block),
		    MSG_DONTWAIT | MSG_NOSIGNAL)) > 0)
		sent += (size_t)n;
	return sent;
}

/* Waits `ms` and says whether the process has ended by then. */
static bool
has_ended_within(pid_t pid, int ms)
{
	struct pollfd end = { .events = POLLIN };
	int n;

	end.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	n = poll(&end, 1, ms);
	(void)close(end.fd);
	return n == 1;
}

static void
waits_until_all_has_arrived(void **state)
{
	static char text[1 << 24];
	size_t sent;
	int client;
	int server;
	pid_t pid;

	(void)state;
	peers_open_pair(&client, &server);
	cut_at_the_end(server);
	sent = fill(server);
	pid = start_close(client, server);
	assert_false(has_ended_within(pid, TS_LINGER_MS + 300));
	assert_int_equal(
	    peers_read_to_end(client, text, sizeof(text), PROCESS_LIMIT_MS), 0);
	assert_int_equal(strlen(text), sent);
	(void)close(client);
	assert_int_equal(process_wait(pid, PROCESS_LIMIT_MS), 0);
}

/* Then nothing of it is left to the kernel. */
static void
who_is_killed_meanwhile_resets(void **state)
{
	static char text[1 << 24];
	int client;
	int server;
	pid_t pid;

	(void)state;
	peers_open_pair(&client, &server);
	cut_at_the_end(server);
	(void)fill(server);
	pid = start_close(client, server);
	assert_false(has_ended_within(pid, 300));
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(
	    peers_read_to_end(client, text, sizeof(text), PROCESS_LIMIT_MS),
	    -ECONNRESET);
	(void)close(client);
}

static void
a_drain_takes_what_is_there_and_no_more_than_it_may(void **state)
{
	int client;
	int server;

	(void)state;
	peers_open_pair(&client, &server);
	assert_int_equal(ts_linger_drain(server, 100), -EAGAIN);
	peers_send(client, "0123456789");
	assert_true(process_has_input(server, PROCESS_LIMIT_MS));
	assert_int_equal(ts_linger_drain(server, 4), 4);
	assert_int_equal(ts_linger_drain(server, 100), 6);
	assert_int_equal(ts_linger_drain(server, 100), -EAGAIN);
	(void)close(client);
	assert_true(process_has_input(server, PROCESS_LIMIT_MS));
	assert_int_equal(ts_linger_drain(server, 100), 0);
	(void)close(server);
	assert_int_equal(ts_linger_drain(-1, 100), -EBADF);
}

/* Other sockets copy what TCP only counts: it has to fit somewhere. */
static void
a_drain_works_on_a_unix_socket(void **state)
{
	char block[10000];
	size_t left = sizeof(block);
	int pair[2];

	(void)state;
	memset(block, 'x', sizeof(block));
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(write(pair[0], block, sizeof(block)), sizeof(block));
	while (left > 0) {
		int n = ts_linger_drain(pair[1], TS_LINGER_BYTES);

		assert_in_range(n, 1, left);
		left -= (size_t)n;
	}
	assert_int_equal(ts_linger_drain(pair[1], TS_LINGER_BYTES), -EAGAIN);
	ts_linger_begin(pair[1]);
	assert_int_equal(read(pair[0], block, sizeof(block)), 0);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void
the_beginning_ends_what_we_send(void **state)
{
	char text[64];
	int client;
	int server;

	(void)state;
	peers_open_pair(&client, &server);
	cut_at_the_end(server);
	peers_send(server, ANSWER);
	ts_linger_begin(server);
	assert_int_equal(
	    peers_read_to_end(client, text, sizeof(text), PROCESS_LIMIT_MS), 0);
	assert_string_equal(text, ANSWER);
	/* The client can still be heard, and the close is no reset. */
	peers_send(client, "x");
	assert_true(process_has_input(server, PROCESS_LIMIT_MS));
	assert_int_equal(ts_linger_drain(server, 10), 1);
	(void)close(server);
	assert_int_equal(
	    peers_read_to_end(client, text, sizeof(text), PROCESS_LIMIT_MS), 0);
	(void)close(client);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_close_is_a_reset),
		cmocka_unit_test(
		    the_answer_arrives_though_more_was_sent_than_read),
		cmocka_unit_test(is_bounded_by_bytes),
		cmocka_unit_test(is_bounded_by_time),
		cmocka_unit_test(waits_until_all_has_arrived),
		cmocka_unit_test(who_is_killed_meanwhile_resets),
		cmocka_unit_test(
		    a_drain_takes_what_is_there_and_no_more_than_it_may),
		cmocka_unit_test(a_drain_works_on_a_unix_socket),
		cmocka_unit_test(the_beginning_ends_what_we_send),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
