/* SPDX-License-Identifier: MIT */
/* clang-format off */
/*
 * An echo server as one would write it for the lesson's own header, which
 * brings <stdio.h> and the socket headers with it.  It is compiled on its
 * own, with all warnings as errors: the interface is source compatible.
 */
#include <tcpserver.h>

#define ECHO_PORT 0

static void
echo(TCPCLIENT_INFO *client)
{
	char buffer[512];
	int length;

	length = recv(client->data_socket, buffer, sizeof(buffer), 0);
	if (length > 0)
		send(client->data_socket, buffer, length, 0);
}

int
main(void)
{
	TCPSERVER_INFO server;
	TCPCLIENT_INFO client;
	unsigned long ip = INADDR_ANY;
	unsigned short port = ECHO_PORT;
	struct sockaddr_in *address = &server.server_addr;

	tcpserver_init(&server, ip, port);
	if (tcpserver_open(&server) != 1) {
		fprintf(stderr, "cannot open port %d\n", port);
		tcpserver_close(&server);
		return 1;
	}
	printf("port %d\n", ntohs(address->sin_port));
	fflush(stdout);
	while (tcpserver_wait(&server, &client) == 1) {
		if (client.client_addr.sin_family == AF_INET &&
		    client.client_addr.sin_addr.s_addr != INADDR_NONE)
			echo(&client);
		tcpclient_close(&client);
	}
	tcpserver_close(&server);
	return 0;
}
