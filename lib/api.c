/* SPDX-License-Identifier: MIT */
/* The engine's public calls: they check their arguments and pass them on. */
#include <tcpserver.h>

#include <errno.h>
#include <stdlib.h>

#include "core/endpoint.h"
#include "os/fd.h"
#include "os/listen.h"
#include "os/signals.h"
#include "os/stdio.h"
#include "os/systemd.h"
#include "parent/loop.h"
#include "server.h"

int
tcpserver_new(struct tcpserver **ret_server,
    const struct tcpserver_options *options)
{
	struct tcpserver *server;
	int r;

	r = ts_stdio_sanitise();
	if (r < 0)
		return r;
	server = calloc(1, sizeof(*server));
	if (server == NULL)
		return -ENOMEM;
	r = ts_server_set_options(server, options);
	if (r == 0)
		r = ts_server_open_folders(server);
	if (r < 0) {
		free(server);
		return r;
	}
	ts_signals_hold(&server->old_mask);
	*ret_server = server;
	return 0;
}

int
tcpserver_listen(struct tcpserver *server, const char *address)
{
	ts_listen_step step = "listen";
	struct ts_endpoint endpoint;
	int fd;
	int r;

	r = ts_endpoint_parse(&endpoint, address);
	if (r < 0)
		return ts_server_refuse_address(server, address);
	/* Before it is opened: what is not kept must not leave a path. */
	if (server->listener_count == TS_SERVER_LISTENERS)
		return ts_server_fail(server, -ENOSPC, "listener", address);
	r = ts_listen_open(&fd, &endpoint, &step);
	if (r == -EACCES && ts_endpoint_is_privileged(&endpoint))
		return ts_server_explain(server, r,
		    "listen %s: only root may use ports below 1024, "
		    "or a supervisor that hands the socket over",
		    address);
	if (r < 0)
		return ts_server_fail(server, r, step, address);
	r = ts_server_add_listener(server, fd,
	    endpoint.kind == TS_ENDPOINT_UNIX);
	if (r < 0)
		return ts_server_fail(server, r, "listener", address);
	return 0;
}

static int
take_over(struct tcpserver *server, int fd)
{
	int raised;
	int r;

	r = ts_listen_check(fd);
	if (r < 0)
		return r;
	r = ts_fd_raise(&raised, fd, TS_FD_PARENT);
	if (r < 0)
		return r;
	return ts_server_add_listener(server, raised, 0);
}

int
tcpserver_listen_inherited(struct tcpserver *server)
{
	unsigned count = ts_supervisor_take_sockets();
	unsigned before = server->listener_count;
	int r;

	for (unsigned i = 0; i < count; i++) {
		r = take_over(server, TS_SUPERVISOR_FIRST_FD + (int)i);
		if (r < 0)
			return ts_server_fail(server, r, "inherited socket",
			    NULL);
	}
	return (int)(server->listener_count - before);
}

const char *
tcpserver_address(const struct tcpserver *server, unsigned index)
{
	if (index >= server->listener_count)
		return NULL;
	return server->listeners[index].text;
}

int
tcpserver_run(struct tcpserver *server, tcpserver_handler *handler, void *arg)
{
	if (server->listener_count == 0)
		return ts_server_fail(server, -EINVAL, "no listener", NULL);
	return ts_loop_run(server, handler, arg);
}

void
tcpserver_free(struct tcpserver *server)
{
	if (server == NULL)
		return;
	for (unsigned i = 0; i < server->listener_count; i++)
		ts_server_close_listener(server, i);
	ts_server_close_folders(server);
	ts_signals_release(&server->old_mask);
	free(server);
}

const char *
tcpserver_errmsg(const struct tcpserver *server)
{
	return server->errmsg;
}
