/* SPDX-License-Identifier: MIT */
/*
 * Between steps 3 and 4: a time-out for the client, and a cap on children.
 *
 * A client that sends nothing for SILENCE_S seconds loses its child.  While
 * CHILDREN_MOST children run, the parent does not accept; new clients wait in
 * the kernel's queue.
 *
 * Something is still wrong: one address can have all the children.
 */
#include <sys/time.h>
#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <tcpserver.h>
#include <unistd.h>

#include "page.h"

#define SILENCE_S 3
#define CHILDREN_MOST 20

static volatile sig_atomic_t children;

static void
collect_children(int number)
{
	int error = errno;

	(void)number;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		children--;
	errno = error;
}

static void
serve_in_child(TCPSERVER_INFO *server, TCPCLIENT_INFO *client)
{
	const struct timeval silence = { .tv_sec = SILENCE_S };
	int result = 1;

	tcpserver_close(server);
	/* From now on recv() fails with EAGAIN after that time. */
	if (setsockopt(client->data_socket, SOL_SOCKET, SO_RCVTIMEO, &silence,
		sizeof(silence)) == 0)
		result = page_serve(client);
	tcpclient_close(client);
	_exit(result);
}

/*
 * SIGCHLD is blocked while the parent counts.  Otherwise the handler could run
 * in the middle of children++, or just before the sleep that it is to end.
 * sigsuspend() unblocks and sleeps in one step.
 */
static void
serve(TCPSERVER_INFO *server, TCPCLIENT_INFO *client)
{
	sigset_t child_signal, before;
	pid_t pid;

	(void)sigemptyset(&child_signal);
	(void)sigaddset(&child_signal, SIGCHLD);
	(void)sigprocmask(SIG_BLOCK, &child_signal, &before);
	pid = fork();
	if (pid == 0)
		serve_in_child(server, client);
	if (pid > 0)
		children++;
	tcpclient_close(client);
	while (children >= CHILDREN_MOST)
		(void)sigsuspend(&before);
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
}

int
main(int argc, char *argv[])
{
	struct sigaction action = {
		.sa_handler = collect_children,
		.sa_flags = SA_NOCLDSTOP | SA_RESTART,
	};
	TCPSERVER_INFO server;
	TCPCLIENT_INFO client;

	tcpserver_init(&server, INADDR_LOOPBACK, page_port(argc, argv));
	(void)sigemptyset(&action.sa_mask);
	if (!tcpserver_open(&server) || sigaction(SIGCHLD, &action, NULL) == -1)
		return 1;
	page_announce(&server);
	while (tcpserver_wait(&server, &client))
		serve(&server, &client);
	tcpserver_close(&server);
	return 1;
}
