/* SPDX-License-Identifier: MIT */
/* What the header promises of waiting for a client, on real sockets. */
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "apart.h"
#include "loopback.h"

/* What accept4() below reports, and how often, before it does its work. */
static int injected_error;
static unsigned injected_times;
static unsigned injected_calls;

/* The library's calls come here first; then the kernel is asked for real. */
int
accept4(int fd, struct sockaddr *address, socklen_t *bytes, int flags)
{
	if (injected_times > 0) {
		injected_times--;
		injected_calls++;
		errno = injected_error;
		return -1;
	}
	return (int)syscall(SYS_accept4, fd, address, bytes, flags);
}

static void
wait_body(void)
{
	TCPSERVER_INFO server;
	TCPCLIENT_INFO client;
	struct sockaddr_in own;
	socklen_t bytes = sizeof(own);
	int fd;

	loopback_open(&server);
	fd = loopback_connect(&server);
	assert(tcpserver_wait(&server, &client) == 1);
	assert(getsockname(fd, (struct sockaddr *)&own, &bytes) == 0);
	assert(client.client_addr.sin_port == own.sin_port);
	assert(client.client_addr.sin_addr.s_addr == own.sin_addr.s_addr);
	assert((fcntl(client.data_socket, F_GETFD) & FD_CLOEXEC) != 0);
	assert((fcntl(client.data_socket, F_GETFL) & O_NONBLOCK) == 0);
}

/* A byte for each signal that has been handled. */
static int ticks[2];

static void
tick(int number)
{
	(void)number;
	(void)!write(ticks[1], "t", 1);
}

static void
signal_body(void)
{
	const struct sigaction action = { .sa_handler = tick };
	const struct itimerval every = { { 0, 2000 }, { 0, 2000 } };
	TCPSERVER_INFO server;
	TCPCLIENT_INFO client;
	char byte;

	loopback_open(&server);
	assert(pipe2(ticks, O_CLOEXEC) == 0);
	/* Another process connects, after twenty signals. */
	if (fork() == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (int i = 0; i < 20; i++)
			assert(read(ticks[0], &byte, 1) == 1);
		(void)loopback_connect(&server);
		_exit(0);
	}
	assert(sigaction(SIGALRM, &action, NULL) == 0);
	assert(setitimer(ITIMER_REAL, &every, NULL) == 0);
	assert(tcpserver_wait(&server, &client) == 1);
}

static void
aborted_body(void)
{
	const struct linger reset = { .l_onoff = 1, .l_linger = 0 };
	TCPSERVER_INFO server;
	TCPCLIENT_INFO client;
	char byte = 0;
	int fd;

	loopback_open(&server);
	fd = loopback_connect(&server);
	assert(
	    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) == 0);
	(void)close(fd);
	fd = loopback_connect(&server);
	assert(write(fd, "x", 1) == 1);
	do {
		assert(tcpserver_wait(&server, &client) == 1);
	} while (recv(client.data_socket, &byte, 1, 0) != 1);
	assert(byte == 'x');
}

static void
transient_body(void)
{
	static const int errors[] = { ECONNABORTED, EPROTO, ENETDOWN,
		ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP,
		ENETUNREACH, ETIMEDOUT, EPERM, EINTR };
	TCPSERVER_INFO server;
	TCPCLIENT_INFO client;

	loopback_open(&server);
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		(void)loopback_connect(&server);
		injected_error = errors[i];
		injected_times = 3;
		assert(tcpserver_wait(&server, &client) == 1);
		assert(injected_times == 0);
	}
}

static double
cpu_seconds(void)
{
	struct rusage used;

	assert(getrusage(RUSAGE_SELF, &used) == 0);
	return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
	    (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static double cpu_at_start;

/* After half a second of nothing but errors. */
static void
end_of_errors(int number)
{
	(void)number;
	assert(cpu_seconds() - cpu_at_start < 0.05 * 0.5);
	assert(injected_calls > 64);
	_exit(0);
}

static void
no_spin_body(void)
{
	const struct sigaction action = { .sa_handler = end_of_errors };
	const struct itimerval once = { { 0, 0 }, { 0, 500000 } };
	TCPSERVER_INFO server;
	TCPCLIENT_INFO client;

	loopback_open(&server);
	(void)loopback_connect(&server);
	injected_error = EPERM;
	injected_times = UINT32_MAX;
	assert(sigaction(SIGALRM, &action, NULL) == 0);
	cpu_at_start = cpu_seconds();
	assert(setitimer(ITIMER_REAL, &once, NULL) == 0);
	(void)tcpserver_wait(&server, &client);
	abort();
}

static void
cannot_accept_body(void)
{
	TCPSERVER_INFO server;
	TCPCLIENT_INFO client = { .data_socket = 1000 };

	loopback_open(&server);
	tcpserver_close(&server);
	assert(tcpserver_wait(&server, &client) == 0);
	assert(client.data_socket == -1);
}

static void
shortage_body(void)
{
	TCPSERVER_INFO server;
	TCPCLIENT_INFO client;
	struct rlimit limit;
	double cpu;
	int lowest;

	loopback_open(&server);
	(void)loopback_connect(&server);
	lowest = dup(0);
	(void)close(lowest);
	assert(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	limit.rlim_cur = (rlim_t)lowest;
	assert(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	cpu = cpu_seconds();
	assert(tcpserver_wait(&server, &client) == 1);
	assert(cpu_seconds() - cpu < 0.05 * 0.5);
}

static void
shortage_is_waited_out_and_told_once(void **state)
{
	struct pollfd end = { .events = POLLIN };
	struct rlimit limit;
	struct apart apart;

	(void)state;
	apart_start(&apart, shortage_body);
	apart_await_word(&apart);
	assert_non_null(strstr(apart.said, "accept: Too many open files"));
	end.fd = apart.pid_fd;
	/* It must not end while the shortage lasts, and soon after. */
	assert_int_equal(poll(&end, 1, 500), 0);
	assert_int_equal(prlimit(apart.pid, RLIMIT_NOFILE, NULL, &limit), 0);
	limit.rlim_cur += 8;
	assert_int_equal(prlimit(apart.pid, RLIMIT_NOFILE, &limit, NULL), 0);
	assert_int_equal(poll(&end, 1, 500), 1);
	apart_finish(&apart);
	assert_int_equal(apart_lines(&apart), 1);
}

static const struct apart_promise promises[] = {
	{ "wait: the client and its address", wait_body, NULL },
	{ "wait: a signal does not end it", signal_body, NULL },
	{ "wait: an aborted connection", aborted_body, NULL },
	{ "wait: every transient error", transient_body, NULL },
	{ "wait: no spin on an error that stays", no_spin_body, NULL },
	{ "wait: cannot accept at all", cannot_accept_body,
	    ": accept: Bad file descriptor" },
};

#define PROMISES (sizeof(promises) / sizeof(promises[0]))

int
main(void)
{
	struct CMUnitTest tests[PROMISES + 1];

	for (size_t i = 0; i < PROMISES; i++) {
		tests[i] = (struct CMUnitTest){
			.name = promises[i].words,
			.test_func = apart_keeps_promise,
			.initial_state = (void *)(uintptr_t)&promises[i],
		};
	}
	tests[PROMISES] = (struct CMUnitTest)cmocka_unit_test(
	    shortage_is_waited_out_and_told_once);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
