/* SPDX-License-Identifier: MIT */
/* What the header promises of the children of the classic interface. */
#include <sys/resource.h>
#include <sys/wait.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <tcpserver.h>
#include <unistd.h>

#include <cmocka.h>

#include "apart.h"
#include "loopback.h"

#define CHILDREN 300
#define NOBODY 65534

static TCPSERVER_INFO server;
static TCPCLIENT_INFO client;
static pid_t parent;
static int listener;

/* A server with one client connected; returns the client's end. */
static int
connected(void)
{
	int fd;

	parent = getpid();
	loopback_open(&server);
	listener = server.wait_socket;
	fd = loopback_connect(&server);
	assert(tcpserver_wait(&server, &client) == 1);
	return fd;
}

static int
status_of(pid_t pid)
{
	int status;

	assert(waitpid(pid, &status, 0) == pid);
	assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Whether anybody is still there to be waited for. */
static bool
has_child(void)
{
	siginfo_t info;

	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static int
greet(TCPCLIENT_INFO *whom)
{
	if (getpid() == parent || loopback_is_open(listener) ||
	    server.wait_socket != -1 || whom != &client)
		return 1;
	return write(whom->data_socket, "hello", 5) == 5 ? 42 : 2;
}

static void
spawn_body(void)
{
	int fd = connected();
	int connection = client.data_socket;
	char text[6] = "";
	pid_t pid;

	pid = tcpserver_spawn(&server, &client, greet);
	assert(pid > 0);
	assert(client.data_socket == -1 && !loopback_is_open(connection));
	assert(server.wait_socket == listener && loopback_is_open(listener));
	assert(recv(fd, text, 5, MSG_WAITALL) == 5);
	assert(strcmp(text, "hello") == 0);
	/* No copy is left: the end arrives. */
	assert(recv(fd, text, 1, 0) == 0);
	assert(status_of(pid) == 42);
}

static FILE *notes;

static int
note(TCPCLIENT_INFO *whom)
{
	(void)whom;
	return fputs("child\n", notes) >= 0 ? 0 : 1;
}

static void
stdio_body(void)
{
	char text[64];
	size_t n;

	(void)connected();
	notes = tmpfile();
	assert(notes != NULL);
	assert(fputs("parent\n", notes) >= 0);
	assert(status_of(tcpserver_spawn(&server, &client, note)) == 0);
	rewind(notes);
	n = fread(text, 1, sizeof(text), notes);
	assert(n == strlen("parent\nchild\n"));
	assert(memcmp(text, "parent\nchild\n", n) == 0);
}

static void
no_fork_body(void)
{
	const struct rlimit none = { 0, 0 };
	int fd = connected();
	char byte;

	/* The limit does not concern root. */
	if (geteuid() == 0)
		assert(setresuid(NOBODY, NOBODY, NOBODY) == 0);
	assert(setrlimit(RLIMIT_NPROC, &none) == 0);
	errno = 0;
	assert(tcpserver_spawn(&server, &client, greet) == -1);
	assert(errno == EAGAIN);
	assert(client.data_socket == -1);
	assert(recv(fd, &byte, 1, 0) == 0);
	assert(loopback_is_open(listener));
}

/* A service with a child of its own, whose status it needs. */
static int
ask_helper(TCPCLIENT_INFO *whom)
{
	siginfo_t info;
	int status;
	pid_t pid = fork();

	(void)whom;
	if (pid == 0)
		_exit(7);
	/* When this returns, a handler would have run. */
	(void)waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	if (waitpid(pid, &status, 0) != pid)
		return 1;
	return WEXITSTATUS(status);
}

static int result_pipe[2];

static int
report_helper(TCPCLIENT_INFO *whom)
{
	char result = (char)ask_helper(whom);

	return write(result_pipe[1], &result, 1) == 1 ? 0 : 1;
}

static void
own_children_body(void)
{
	char result;

	(void)connected();
	assert(pipe2(result_pipe, O_CLOEXEC) == 0);
	assert(tcpserver_reap_children() == 1);
	assert(tcpserver_spawn(&server, &client, report_helper) > 0);
	assert(read(result_pipe[0], &result, 1) == 1);
	assert(result == 7);
}

static void
block_child_signal(int how)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGCHLD);
	assert(sigprocmask(how, &set, NULL) == 0);
}

/* Starts children that end at once, and waits until all have: zombies. */
static void
make_zombies(int count)
{
	siginfo_t info;
	pid_t pids[CHILDREN];

	assert(count <= CHILDREN);
	for (int i = 0; i < count; i++) {
		pids[i] = fork();
		assert(pids[i] >= 0);
		if (pids[i] == 0)
			_exit(0);
	}
	for (int i = 0; i < count; i++)
		assert(waitid(P_PID, (id_t)pids[i], &info, WEXITED | WNOWAIT) ==
		    0);
}

/* 300 that ended together are a single signal. */
static void
collect_all_body(void)
{
	assert(tcpserver_reap_children() == 1);
	block_child_signal(SIG_BLOCK);
	make_zombies(CHILDREN);
	assert(has_child());
	block_child_signal(SIG_UNBLOCK);
	assert(!has_child());
}

static void
collect_earlier_body(void)
{
	make_zombies(3);
	assert(tcpserver_reap_children() == 1);
	assert(!has_child());
}

/* As inherited from a careless starter: the signal would never arrive. */
static void
collect_blocked_body(void)
{
	sigset_t blocked;

	block_child_signal(SIG_BLOCK);
	assert(tcpserver_reap_children() == 1);
	assert(sigprocmask(SIG_BLOCK, NULL, &blocked) == 0);
	assert(!sigismember(&blocked, SIGCHLD));
}

static void
errno_body(void)
{
	assert(tcpserver_reap_children() == 1);
	/* There is no child, which waitpid(2) reports as an error. */
	errno = EDOM;
	(void)raise(SIGCHLD);
	assert(errno == EDOM);
}

/* A call that is interrupted goes on; stopped children do not interrupt. */
static void
flags_body(void)
{
	struct sigaction action;

	assert(tcpserver_reap_children() == 1);
	assert(sigaction(SIGCHLD, NULL, &action) == 0);
	assert((action.sa_flags & SA_RESTART) != 0);
	assert((action.sa_flags & SA_NOCLDSTOP) != 0);
}

static const struct apart_promise promises[] = {
	{ "spawn: a child of its own, its result is the status", spawn_body,
	    NULL },
	{ "spawn: buffered output is written once", stdio_body, NULL },
	{ "spawn: no fork, -1, the client closed", no_fork_body, ": fork: " },
	{ "spawn: a service can wait for its own children", own_children_body,
	    NULL },
	{ "reap: 300 that end together", collect_all_body, NULL },
	{ "reap: who ended before", collect_earlier_body, NULL },
	{ "reap: the signal was blocked", collect_blocked_body, NULL },
	{ "reap: errno is kept", errno_body, NULL },
	{ "reap: calls go on", flags_body, NULL },
};

#define PROMISES (sizeof(promises) / sizeof(promises[0]))

int
main(void)
{
	struct CMUnitTest tests[PROMISES];

	for (size_t i = 0; i < PROMISES; i++) {
		tests[i] = (struct CMUnitTest){
			.name = promises[i].words,
			.test_func = apart_keeps_promise,
			.initial_state = (void *)(uintptr_t)&promises[i],
		};
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
