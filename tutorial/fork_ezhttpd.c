/* SPDX-License-Identifier: MIT */
/*
 * Step 2: a process of its own for each client.
 *
 * The parent does nothing but receive connections.  A silent client holds
 * only its own child.
 *
 * Something is still wrong, on purpose: the parent never asks how its children
 * ended.  The kernel keeps each of them, as a zombie, until it does.
 */
#include <tcpserver.h>
#include <unistd.h>

#include "page.h"

static void
serve_in_child(TCPSERVER_INFO *server, TCPCLIENT_INFO *client)
{
	int result;

	/* After fork() both processes have both sockets; each closes one. */
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
	if (!tcpserver_open(&server))
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
