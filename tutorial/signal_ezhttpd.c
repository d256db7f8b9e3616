/* SPDX-License-Identifier: MIT */
/*
 * Step 3: children that have ended are collected.
 *
 * The kernel sends SIGCHLD when a child ends.  It does not count: several
 * children that end together are one signal.  So each signal is the occasion
 * to ask until no ended child is left.
 */
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <tcpserver.h>
#include <unistd.h>

#include "page.h"

static void
collect_children(int number)
{
	/* The interrupted code may be about to look at errno. */
	int error = errno;

	(void)number;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
	errno = error;
}

static int
collect_from_now_on(void)
{
	struct sigaction action = {
		.sa_handler = collect_children,
		/* Not for stopped children; interrupted calls go on. */
		.sa_flags = SA_NOCLDSTOP | SA_RESTART,
	};

	(void)sigemptyset(&action.sa_mask);
	return sigaction(SIGCHLD, &action, NULL);
}

static void
serve_in_child(TCPSERVER_INFO *server, TCPCLIENT_INFO *client)
{
	int result;

	tcpserver_close(server);
	result = page_serve(client);
	tcpclient_close(client);
	_exit(result);
}

int
main(int argc, char *argv[])
{
	TCPSERVER_INFO server;
	TCPCLIENT_INFO client;
	pid_t pid;

	tcpserver_init(&server, INADDR_LOOPBACK, page_port(argc, argv));
	if (!tcpserver_open(&server) || collect_from_now_on() == -1)
		return 1;
	page_announce(&server);

	while (tcpserver_wait(&server, &client)) {
		pid = fork();
		if (pid == 0)
			serve_in_child(&server, &client);
		if (pid == -1)
			perror("fork");
		tcpclient_close(&client);
	}

	tcpserver_close(&server);
	return 1;
}
