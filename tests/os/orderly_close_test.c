/* SPDX-License-Identifier: MIT */
/* The orderly close of a child: the answer arrives, within bounds. */
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

#include "child/orderly_close.h"
#include "forked.h"
#include "os/linger.h"
#include "os/signals.h"
#include "peers.h"

#define REQUEST "GET / HTTP/1.0\r\n\r\n"
#define ANSWER "an answer"
/* How long the client may take to close. */
#define LINGER_MS 2000
/* The status of a child whose client has not closed. */
#define NOT_CLOSED 3

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

/* The two ends: the child has no more than the server's. */
struct ends {
	int client;
	int server;
	uint32_t linger_ms;
};

static int
close_in_order(void *arg)
{
	const struct ends *ends = arg;
	struct ts_signals signals;

	(void)close(ends->client);
	if (ts_signals_open(&signals) < 0)
		return 1;
	ts_signals_child(&signals);
	return ts_orderly_close(ends->server, ends->linger_ms) ? 0 : NOT_CLOSED;
}

/* Closes the server's end in a child, which alone has it from here on. */
static pid_t
start_close_within(int client, int server, uint32_t linger_ms)
{
	struct ends ends = { client, server, linger_ms };
	pid_t pid = process_start(close_in_order, &ends);

	(void)close(server);
	return pid;
}

static pid_t
start_close(int client, int server)
{
	return start_close_within(client, server, LINGER_MS);
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
	assert_int_equal(process_wait(pid, LINGER_MS / 2), 0);
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
	assert_int_equal(process_wait(pid, PROCESS_LIMIT_MS), NOT_CLOSED << 8);
	assert_true(sent >= TS_LINGER_BYTES);
	assert_true(process_now_ms() - begin < LINGER_MS);
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
	assert_int_equal(process_wait(pid, 0), NOT_CLOSED << 8);
	assert_in_range(took_ms, LINGER_MS - 10, 2 * LINGER_MS);
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
	assert_false(has_ended_within(pid, LINGER_MS + 300));
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

/* Where slots are scarce: the parent waits for the client in its place. */
static void
a_close_without_time_waits_for_the_acknowledgement_alone(void **state)
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
	pid = start_close_within(client, server, 0);
	assert_false(has_ended_within(pid, 300));
	assert_int_equal(
	    peers_read_to_end(client, text, sizeof(text), PROCESS_LIMIT_MS), 0);
	assert_int_equal(strlen(text), sent);
	/* The client is still there, and is not waited for. */
	assert_int_equal(process_wait(pid, PROCESS_LIMIT_MS), NOT_CLOSED << 8);
	(void)close(client);
}

/* The client has everything and does not close: the slot is given up. */
static void
a_child_that_is_asked_does_not_wait_for_its_client(void **state)
{
	char text[256];
	int64_t begin;
	int client;
	int server;
	pid_t pid;

	(void)state;
	open_answered_pair(&client, &server);
	pid = start_close_within(client, server, 60000);
	assert_int_equal(
	    peers_read_to_end(client, text, sizeof(text), PROCESS_LIMIT_MS), 0);
	assert_false(has_ended_within(pid, 300));
	begin = process_now_ms();
	assert_int_equal(kill(pid, SIGUSR2), 0);
	assert_int_equal(process_wait(pid, PROCESS_LIMIT_MS), NOT_CLOSED << 8);
	assert_true(process_now_ms() - begin < 500);
	(void)close(client);
}

/* Not everything has arrived: the slot is kept. */
static void
a_child_that_is_asked_still_delivers(void **state)
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
	pid = start_close_within(client, server, 60000);
	assert_false(has_ended_within(pid, 300));
	assert_int_equal(kill(pid, SIGUSR2), 0);
	assert_false(has_ended_within(pid, 300));
	assert_int_equal(
	    peers_read_to_end(client, text, sizeof(text), PROCESS_LIMIT_MS), 0);
	assert_int_equal(strlen(text), sent);
	assert_int_equal(process_wait(pid, PROCESS_LIMIT_MS), NOT_CLOSED << 8);
	(void)close(client);
}

static void
a_connection_that_is_cut_is_not_waited_for(void **state)
{
	char text[256];
	int client;
	int server;
	pid_t pid;

	(void)state;
	open_answered_pair(&client, &server);
	pid = start_close_within(client, server, 60000);
	assert_int_equal(
	    peers_read_to_end(client, text, sizeof(text), PROCESS_LIMIT_MS), 0);
	cut_at_the_end(client);
	(void)close(client);
	assert_int_equal(process_wait(pid, PROCESS_LIMIT_MS), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_answer_arrives_though_more_was_sent_than_read),
		cmocka_unit_test(is_bounded_by_bytes),
		cmocka_unit_test(is_bounded_by_time),
		cmocka_unit_test(waits_until_all_has_arrived),
		cmocka_unit_test(who_is_killed_meanwhile_resets),
		cmocka_unit_test(
		    a_close_without_time_waits_for_the_acknowledgement_alone),
		cmocka_unit_test(
		    a_child_that_is_asked_does_not_wait_for_its_client),
		cmocka_unit_test(a_child_that_is_asked_still_delivers),
		cmocka_unit_test(a_connection_that_is_cut_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
