/* SPDX-License-Identifier: MIT */
/*
 * Step 1: one client after the other.
 *
 * While page_serve() waits for a client to say something, nobody calls
 * tcpserver_wait().  One client that connects and keeps silent takes the
 * server away from everybody else.
 */
#include <tcpserver.h>

#include "page.h"

int
main(int argc, char *argv[])
{
	TCPSERVER_INFO server;
	TCPCLIENT_INFO client;

	tcpserver_init(&server, INADDR_ANY, page_port(argc, argv));
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
