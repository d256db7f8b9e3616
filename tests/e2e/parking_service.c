/* SPDX-License-Identifier: MIT */
/*
 * A service that says each line of its client back, and between two lines
 * leaves the last one with the parked connection: for the tests of what is
 * left of it.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <tcpserver.h>

static enum tcpserver_verdict
serve(const struct tcpserver_client *client, void *arg)
{
	char line[TCPSERVER_STATE_BYTES];
	size_t n = 0;

	while (n < sizeof(line) && recv(client->fd, line + n, 1, 0) == 1)
		if (line[n++] == '\n')
			break;
	if (n == 0 || line[n - 1] != '\n')
		return TCPSERVER_CLOSE;
	(void)send(client->fd, client->state, client->state_bytes, 0);
	(void)send(client->fd, line, n, MSG_NOSIGNAL);
	(void)tcpserver_client_set_state(client, line, n);
	return TCPSERVER_PARK;
}

int
main(void)
{
	const struct tcpserver_options options = {
		.size = sizeof(options),
		.max_children_per_source = TCPSERVER_NO_LIMIT,
	};
	struct tcpserver *server;

	if (tcpserver_new(&server, &options) < 0 ||
	    tcpserver_listen(server, "127.0.0.1:0") < 0)
		return 1;
	puts(tcpserver_address(server, 0));
	(void)fflush(stdout);
	return tcpserver_run(server, serve, NULL) < 0;
}
