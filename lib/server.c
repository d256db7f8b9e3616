/* SPDX-License-Identifier: MIT */
/* A server at rest. */
#include "server.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/admission.h"
#include "core/capacity.h"
#include "os/fd.h"
#include "os/listen.h"
#include "os/machine.h"
#include "os/needed_calls.h"
#include "os/process.h"

#define MOST_CHILDREN 16384
#define MOST_PARKED 16384
#define MOST_WAITING 4096
/* So many may wait for each slot. */
#define WAITING_PER_SLOT 16
/* The numbers below the parent's own, and what it has beside connections. */
#define OTHER_DESCRIPTORS (TS_FD_PARENT + 128)
#define DEFAULT_FIRST_BYTE_MS 15000
#define DEFAULT_IDLE_MS 15000
#define DEFAULT_WAIT_MS 5000
#define DEFAULT_PARKED_MS 60000
#define DEFAULT_LINGER_MS 2000
#define DEFAULT_RATE_BYTES_PER_S 500
#define DEFAULT_LIFETIME_MS TCPSERVER_NO_LIMIT
#define DEFAULT_DRAIN_MS 5000
#define DEFAULT_USER_TIMEOUT_MS 30000
#define DEFAULT_MEMORY_BYTES (UINT64_C(1) << 30)
#define DEFAULT_CPU_S 60
#define DEFAULT_RECEIVE_BUFFER_BYTES 65536
/* Of what is no address, so that there is room to say so. */
#define SHOWN_ADDRESS_BYTES 128

static uint32_t
or_default(uint32_t value, uint32_t standard)
{
	return value != 0 ? value : standard;
}

static uint32_t
smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t
slots_of_machine(void)
{
	struct ts_machine machine;

	ts_machine_read("/", &machine);
	return ts_capacity_slots(&machine);
}

/* The bounds of connections that wait for a slot or are parked. */
static void
bound_connections(struct tcpserver_options *o)
{
	uint32_t others = OTHER_DESCRIPTORS;
	uint32_t most;

	o->max_waiting = smaller(
	    smaller(or_default(o->max_waiting, MOST_WAITING), MOST_WAITING),
	    WAITING_PER_SLOT * o->max_children);
	o->max_parked =
	    smaller(or_default(o->max_parked, MOST_PARKED), MOST_PARKED);
	/* Each connection has a descriptor of the parent. */
	others += ts_admission_most_held(o->max_children) + o->max_waiting;
	ts_spawn_raise_descriptors(others + o->max_parked);
	most = ts_spawn_most_descriptors();
	o->max_parked =
	    smaller(o->max_parked, most > others ? most - others : 1);
}

/* setsockopt(2) takes an int. */
static bool
is_socket_option(uint32_t value)
{
	return value <= INT32_MAX || value == TCPSERVER_NO_LIMIT;
}

/* 0 is no limit there. */
static uint32_t
socket_option(uint32_t value)
{
	return value == TCPSERVER_NO_LIMIT ? 0 : value;
}

static bool
are_folders_in_bounds(const struct tcpserver_options *o)
{
	unsigned count = 0;

	while (o->folders != NULL && count <= TCPSERVER_FOLDERS &&
	    o->folders[count] != NULL)
		count++;
	return count == 0 || (o->root != NULL && count <= TCPSERVER_FOLDERS);
}

int
ts_server_set_options(struct tcpserver *server,
    const struct tcpserver_options *options)
{
	struct tcpserver_options o = { .size = sizeof(o) };

	if (options != NULL) {
		if (options->size != sizeof(o))
			return -EINVAL;
		o = *options;
	}
	if (o.name == NULL)
		o.name = "tcpserver";
	if (o.max_children == 0)
		o.max_children = slots_of_machine();
	/* A table has to have a size: "no limit" is the largest one. */
	if (o.max_children == TCPSERVER_NO_LIMIT)
		o.max_children = MOST_CHILDREN;
	if (o.max_children > MOST_CHILDREN || o.turns > TCPSERVER_TURNS ||
	    !is_socket_option(o.user_timeout_ms) ||
	    !is_socket_option(o.receive_buffer_bytes) ||
	    !are_folders_in_bounds(&o))
		return -EINVAL;
	o.max_children_per_source =
	    or_default(o.max_children_per_source, TCPSERVER_NO_LIMIT);
	bound_connections(&o);
	o.wait_ms = or_default(o.wait_ms, DEFAULT_WAIT_MS);
	o.parked_ms = or_default(o.parked_ms, DEFAULT_PARKED_MS);
	o.linger_ms = or_default(o.linger_ms, DEFAULT_LINGER_MS);
	o.first_byte_ms = or_default(o.first_byte_ms, DEFAULT_FIRST_BYTE_MS);
	o.idle_ms = or_default(o.idle_ms, DEFAULT_IDLE_MS);
	o.least_rate_bytes_per_s =
	    or_default(o.least_rate_bytes_per_s, DEFAULT_RATE_BYTES_PER_S);
	o.lifetime_ms = or_default(o.lifetime_ms, DEFAULT_LIFETIME_MS);
	o.drain_ms = or_default(o.drain_ms, DEFAULT_DRAIN_MS);
	o.user_timeout_ms =
	    or_default(o.user_timeout_ms, DEFAULT_USER_TIMEOUT_MS);
	o.jail.memory_bytes = o.jail.memory_bytes != 0 ? o.jail.memory_bytes
						       : DEFAULT_MEMORY_BYTES;
	o.jail.cpu_s = or_default(o.jail.cpu_s, DEFAULT_CPU_S);
	o.receive_buffer_bytes =
	    or_default(o.receive_buffer_bytes, DEFAULT_RECEIVE_BUFFER_BYTES);
	server->options = o;
	return 0;
}

int
ts_server_open_folders(struct tcpserver *server)
{
	const char *const *folders = server->options.folders;
	int r = 0;

	server->root_fd = -1;
	if (server->options.root != NULL)
		r = ts_fd_open_folder(&server->root_fd, server->options.root);
	for (unsigned i = 0; r == 0 && folders != NULL && folders[i] != NULL;
	     i++) {
		r = ts_fd_open_folder(&server->folder_fds[i], folders[i]);
		if (r == 0)
			server->folder_count++;
	}
	if (r < 0)
		ts_server_close_folders(server);
	return r;
}

void
ts_server_close_folders(struct tcpserver *server)
{
	ts_fd_close(&server->root_fd);
	for (unsigned i = 0; i < server->folder_count; i++)
		ts_fd_close(&server->folder_fds[i]);
	server->folder_count = 0;
}

int
ts_server_add_listener(struct tcpserver *server, int fd, int is_own_path)
{
	const struct tcpserver_options *o = &server->options;
	const struct ts_listen_manner manner = {
		.user_timeout_ms = socket_option(o->user_timeout_ms),
		.receive_buffer_bytes = socket_option(o->receive_buffer_bytes),
		.client_speaks_first = o->client_speaks_first != 0,
	};
	struct ts_listener *listener;
	int r = -ENOSPC;

	if (server->listener_count == TS_SERVER_LISTENERS)
		goto fail;
	listener = &server->listeners[server->listener_count];
	r = ts_listen_endpoint(fd, &listener->endpoint);
	if (r < 0)
		goto fail;
	listener->place.folder_fd = -1;
	if (is_own_path)
		r = ts_place_open(&listener->place,
		    listener->endpoint.address.sun.sun_path);
	if (r < 0)
		goto fail;
	ts_listen_set_manner(fd, &manner);
	ts_endpoint_format(&listener->endpoint, listener->text);
	listener->fd = fd;
	server->listener_count++;
	return 0;
fail:
	(void)close(fd);
	return r;
}

void
ts_server_close_listener(struct tcpserver *server, unsigned index)
{
	struct ts_listener *listener = &server->listeners[index];

	if (listener->fd < 0)
		return;
	ts_place_remove(&listener->place);
	ts_fd_close(&listener->fd);
}

int
ts_server_refuse_address(struct tcpserver *server, const char *address)
{
	(void)snprintf(server->errmsg, sizeof(server->errmsg),
	    "listen %.*s: not an address (names are not looked up)",
	    SHOWN_ADDRESS_BYTES, address);
	return -EINVAL;
}

int
ts_server_fail(struct tcpserver *server, int error, const char *step,
    const char *object)
{
	(void)snprintf(server->errmsg, sizeof(server->errmsg), "%s%s%s: %s",
	    step, object != NULL ? " " : "", object != NULL ? object : "",
	    strerror(-error));
	return error;
}

int
ts_server_explain(struct tcpserver *server, int error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(server->errmsg, sizeof(server->errmsg), format,
	    arguments);
	va_end(arguments);
	return error;
}

int
ts_server_try_calls(struct tcpserver *server)
{
	const char *name;
	int r;

	r = ts_needed_calls_try(ts_needed_by_servers, &name);
	if (r == 0 && server->options.jail.profile == TCPSERVER_PROFILE_FILES)
		r = ts_needed_calls_try(ts_needed_by_files, &name);
	if (r == 0)
		return 0;
	return ts_server_explain(server, r,
	    "system call %s: %s: the kernel is too old, or a filter forbids it",
	    name, strerror(-r));
}
