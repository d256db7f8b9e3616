/* SPDX-License-Identifier: MIT */
/* The classic calls: five for a server, two for its children. */
#include <sys/wait.h>

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <tcpserver.h>
#include <unistd.h>

#include "core/accepterror.h"

/* How long a lack of descriptors or memory is waited out before a new try. */
#define SHORTAGE_PAUSE_MS 100

/*
 * A queue full of dead connections is passed over at full speed; an error
 * that does not take its connection off the queue must not become a spin.
 */
#define TRANSIENT_BURST 64
#define TRANSIENT_PAUSE_MS 1

static void
complain(const char *step)
{
	(void)fprintf(stderr, "tcpserver: %s: %s\n", step, strerror(errno));
}

static void
complain_of_address(const char *step, const struct sockaddr_in *address)
{
	char text[INET_ADDRSTRLEN];
	int error = errno;

	(void)inet_ntop(AF_INET, &address->sin_addr, text, sizeof(text));
	(void)fprintf(stderr, "tcpserver: %s %s:%u: %s\n", step, text,
	    ntohs(address->sin_port), strerror(error));
}

static void
close_socket(int *fd)
{
	if (*fd == -1)
		return;
	(void)close(*fd);
	*fd = -1;
}

void
tcpserver_init(TCPSERVER_INFO *server, unsigned long ip, unsigned short port)
{
	*server = (TCPSERVER_INFO){
		.wait_socket = -1,
		.server_addr = {
			.sin_family = AF_INET,
			.sin_addr = { .s_addr = htonl((in_addr_t)ip) },
			.sin_port = htons(port),
		},
	};
}

void
tcpserver_close(TCPSERVER_INFO *server)
{
	close_socket(&server->wait_socket);
}

void
tcpclient_close(TCPCLIENT_INFO *client)
{
	close_socket(&client->data_socket);
}

int
tcpserver_open(TCPSERVER_INFO *server)
{
	struct sockaddr_in *address = &server->server_addr;
	socklen_t address_bytes = sizeof(*address);
	int on = 1;

	server->wait_socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (server->wait_socket == -1) {
		complain("socket");
		return 0;
	}
	/* Connections of an earlier run may still be in TIME_WAIT. */
	if (setsockopt(server->wait_socket, SOL_SOCKET, SO_REUSEADDR, &on,
		sizeof(on)) == -1) {
		complain("setsockopt SO_REUSEADDR");
		goto fail;
	}
	if (bind(server->wait_socket, (const struct sockaddr *)address,
		sizeof(*address)) == -1) {
		complain_of_address("bind", address);
		goto fail;
	}
	if (listen(server->wait_socket, SOMAXCONN) == -1) {
		complain_of_address("listen", address);
		goto fail;
	}
	/* Port 0 has become a real one. */
	if (getsockname(server->wait_socket, (struct sockaddr *)address,
		&address_bytes) == -1) {
		complain("getsockname");
		goto fail;
	}
	return 1;

fail:
	tcpserver_close(server);
	return 0;
}

static int
accept_client(const TCPSERVER_INFO *server, TCPCLIENT_INFO *client)
{
	socklen_t address_bytes = sizeof(client->client_addr);

	client->data_socket = accept4(server->wait_socket,
	    (struct sockaddr *)&client->client_addr, &address_bytes,
	    SOCK_CLOEXEC);
	return client->data_socket;
}

/* Lets time pass, or a signal arrive: a child that ends may free something. */
static void
pause_ms(int ms)
{
	(void)poll(NULL, 0, ms);
}

int
tcpserver_wait(TCPSERVER_INFO *server, TCPCLIENT_INFO *client)
{
	bool is_shortage_told = false;
	unsigned transients = 0;

	while (accept_client(server, client) == -1) {
		switch (ts_accept_error_of(errno)) {
		case TS_ACCEPT_ERROR_TRANSIENT:
			if (++transients > TRANSIENT_BURST)
				pause_ms(TRANSIENT_PAUSE_MS);
			break;
		case TS_ACCEPT_ERROR_RESOURCES:
			if (!is_shortage_told)
				complain("accept");
			is_shortage_told = true;
			pause_ms(SHORTAGE_PAUSE_MS);
			break;
		case TS_ACCEPT_ERROR_FATAL:
			complain("accept");
			return 0;
		}
	}
	return 1;
}

/* Collects whoever has ended; signals that came together count as one. */
static void
collect_children(int number)
{
	int error = errno;

	(void)number;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		continue;
	errno = error;
}

int
tcpserver_reap_children(void)
{
	struct sigaction action = {
		.sa_handler = collect_children,
		.sa_flags = SA_NOCLDSTOP | SA_RESTART,
	};
	sigset_t child_signal;

	(void)sigemptyset(&action.sa_mask);
	if (sigaction(SIGCHLD, &action, NULL) == -1) {
		complain("sigaction");
		return 0;
	}
	/* Who started this process may have left the signal blocked. */
	(void)sigemptyset(&child_signal);
	(void)sigaddset(&child_signal, SIGCHLD);
	if (sigprocmask(SIG_UNBLOCK, &child_signal, NULL) == -1) {
		complain("sigprocmask");
		return 0;
	}
	/* Those who ended before have no signal left to announce them. */
	collect_children(SIGCHLD);
	return 1;
}

/*
 * A service may have children of its own and wait for them: the collector,
 * inherited, would snatch them away.  Any other disposition is the caller's.
 */
static void
release_children(void)
{
	struct sigaction action;

	if (sigaction(SIGCHLD, NULL, &action) == -1)
		return;
	if (action.sa_handler != collect_children)
		return;
	action = (struct sigaction){ .sa_handler = SIG_DFL };
	(void)sigaction(SIGCHLD, &action, NULL);
}

_Noreturn static void
serve_in_child(TCPSERVER_INFO *server, TCPCLIENT_INFO *client,
    tcpserver_service *service)
{
	int result;

	release_children();
	tcpserver_close(server);
	result = service(client);
	(void)fflush(NULL);
	_exit(result);
}

pid_t
tcpserver_spawn(TCPSERVER_INFO *server, TCPCLIENT_INFO *client,
    tcpserver_service *service)
{
	pid_t pid;
	int error;

	/* What is still in a buffer would be written by both. */
	(void)fflush(NULL);
	pid = fork();
	if (pid == 0)
		serve_in_child(server, client, service);
	error = errno;
	if (pid == -1)
		complain("fork");
	tcpclient_close(client);
	errno = error;
	return pid;
}
