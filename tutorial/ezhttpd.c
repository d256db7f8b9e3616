/* SPDX-License-Identifier: MIT */
/*
 * Step 1: one client after the other.
 *
 * While page_serve() waits for the first bytes of a client, nothing calls
 * tcpserver_wait().  One client that connects and stays silent blocks the
 * server for all others.
 */
#include <tcpserver.h>

#include "page.h"

int
main(int argc, char *argv[])
{
	TCPSERVER_INFO server;
	TCPCLIENT_INFO client;

	/* INADDR_ANY instead: for clients on other machines as well. */
	tcpserver_init(&server, INADDR_LOOPBACK, page_port(argc, argv));
	if (!tcpserver_open(&server))
		return 1;
	page_announce(&server);

	while (tcpserver_wait(&server, &client)) {
		(void)page_serve(&client);
		tcpclient_close(&client);
	}

	tcpserver_close(&server);
	return 1;
}
