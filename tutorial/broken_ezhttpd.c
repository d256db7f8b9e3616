/* SPDX-License-Identifier: MIT */
/*
 * Step 3 with a mistake in it, to be run and looked at.
 *
 *	broken_ezhttpd one [port]	one waitpid() for each signal
 *	broken_ezhttpd blocking [port]	a loop without WNOHANG
 *	broken_ezhttpd ignore [port]	no handler: SIGCHLD is ignored
 */
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <tcpserver.h>
#include <unistd.h>

#include "page.h"

static void
collect_one(int number)
{
	int error = errno;

	(void)number;
	/* Where three children end together, two of them stay. */
	(void)waitpid(-1, NULL, WNOHANG);
	errno = error;
}

static void
collect_blocking(int number)
{
	int error = errno;

	(void)number;
	/* The last round waits for the children that are still serving. */
	while (waitpid(-1, NULL, 0) > 0)
		continue;
	errno = error;
}

static const struct {
	const char *name;
	void (*handler)(int number);
} mistakes[] = {
	{ "one", collect_one },
	{ "blocking", collect_blocking },
	{ "ignore", SIG_IGN },
};

static int
make_mistake(const char *name)
{
	struct sigaction action = { .sa_flags = SA_NOCLDSTOP | SA_RESTART };

	(void)sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
		if (strcmp(mistakes[i].name, name) != 0)
			continue;
		action.sa_handler = mistakes[i].handler;
		return sigaction(SIGCHLD, &action, NULL);
	}
	(void)fprintf(stderr,
	    "usage: broken_ezhttpd one|blocking|ignore [port]\n");
	exit(2);
}

int
main(int argc, char *argv[])
{
	TCPSERVER_INFO server;
	TCPCLIENT_INFO client;

	if (make_mistake(argc < 2 ? "" : argv[1]) == -1)
		return 1;
	tcpserver_init(&server, INADDR_LOOPBACK, page_port(argc - 1, argv + 1));
	if (!tcpserver_open(&server))
		return 1;
	page_announce(&server);
	while (tcpserver_wait(&server, &client))
		(void)tcpserver_spawn(&server, &client, page_serve);
	tcpserver_close(&server);
	return 1;
}
