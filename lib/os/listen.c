/* SPDX-License-Identifier: MIT */
/* Listening sockets. */
#include "os/listen.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "os/fd.h"

/* Keepalive: asked after so much silence, so often, so many times. */
#define KEEPALIVE_IDLE_S 60
#define KEEPALIVE_INTERVAL_S 15
#define KEEPALIVE_COUNT 4
/* So many may wait where only we ourselves ask. */
#define PRIVATE_BACKLOG 16
/* How long the kernel waits for first bytes; the least it knows. */
#define DEFER_ACCEPT_S 1
/*
 * So much may wait to be sent behind what is in flight.  Without it a peer
 * that takes nothing has megabytes kept for it; a small send buffer would do
 * as well, but bounds what is in flight too, and so the speed of long lines.
 */
#define UNSENT_BYTES 16384

static void
set_int(int fd, int level, int option, int value)
{
	(void)setsockopt(fd, level, option, &value, sizeof(value));
}

static int
resolve_scope(struct ts_endpoint *endpoint, ts_listen_step *ret_step)
{
	unsigned index;

	if (endpoint->scope[0] == '\0')
		return 0;
	index = if_nametoindex(endpoint->scope);
	if (index == 0) {
		*ret_step = "interface";
		return -errno;
	}
	endpoint->address.sin6.sin6_scope_id = index;
	return 0;
}

/*
 * A path at which a dead server's socket lies is freed.  Only a socket: of
 * any other file, too, connect(2) says that it refuses.
 */
static void
remove_dead_socket(const struct ts_endpoint *endpoint)
{
	struct stat status;
	int fd;

	if (lstat(endpoint->address.sun.sun_path, &status) < 0 ||
	    !S_ISSOCK(status.st_mode))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return;
	if (connect(fd, &endpoint->address.sa, ts_endpoint_size(endpoint)) <
		0 &&
	    errno == ECONNREFUSED)
		(void)unlink(endpoint->address.sun.sun_path);
	(void)close(fd);
}

static int
bind_to(int fd, const struct ts_endpoint *endpoint)
{
	set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (endpoint->kind == TS_ENDPOINT_ANY)
		set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
	if (endpoint->kind == TS_ENDPOINT_IPV6)
		set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (endpoint->kind == TS_ENDPOINT_UNIX)
		remove_dead_socket(endpoint);
	return bind(fd, &endpoint->address.sa, ts_endpoint_size(endpoint));
}

static int
open_one(int *ret_fd, const struct ts_endpoint *endpoint,
    ts_listen_step *ret_step)
{
	int fd;
	int r;

	*ret_step = "socket";
	fd = socket(endpoint->address.sa.sa_family,
	    SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	*ret_step = "bind";
	if (bind_to(fd, endpoint) < 0)
		goto fail;
	*ret_step = "listen";
	/* The kernel lowers it to its own limit (net.core.somaxconn). */
	if (listen(fd, INT32_MAX) < 0)
		goto fail;
	return ts_fd_raise(ret_fd, fd, TS_FD_PARENT);
fail:
	r = -errno;
	(void)close(fd);
	return r;
}

static struct ts_endpoint
any_ipv4(const struct ts_endpoint *any)
{
	struct ts_endpoint endpoint = { .kind = TS_ENDPOINT_IPV4 };

	endpoint.address.sin.sin_family = AF_INET;
	endpoint.address.sin.sin_port = any->address.sin6.sin6_port;
	return endpoint;
}

int
ts_listen_open(int *ret_fd, const struct ts_endpoint *endpoint,
    ts_listen_step *ret_step)
{
	struct ts_endpoint resolved = *endpoint;
	int r;

	r = resolve_scope(&resolved, ret_step);
	if (r < 0)
		return r;
	r = open_one(ret_fd, &resolved, ret_step);
	if (endpoint->kind == TS_ENDPOINT_ANY &&
	    (r == -EAFNOSUPPORT || r == -EADDRNOTAVAIL)) {
		resolved = any_ipv4(endpoint);
		r = open_one(ret_fd, &resolved, ret_step);
	}
	return r;
}

int
ts_listen_open_private(int *ret_fd, const char *path)
{
	struct ts_endpoint endpoint = { .kind = TS_ENDPOINT_UNIX };
	struct sockaddr_un *sun = &endpoint.address.sun;
	size_t bytes = strlen(path) + 1;
	int fd;
	int r;

	if (bytes == 1 || bytes > sizeof(sun->sun_path))
		return -EINVAL;
	sun->sun_family = AF_UNIX;
	memcpy(sun->sun_path, path, bytes);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* Before it has a name: it is nobody else's for no moment. */
	if (fchmod(fd, S_IRUSR | S_IWUSR) < 0 || bind_to(fd, &endpoint) < 0 ||
	    listen(fd, PRIVATE_BACKLOG) < 0) {
		r = -errno;
		(void)close(fd);
		return r;
	}
	return ts_fd_raise(ret_fd, fd, TS_FD_PARENT);
}

int
ts_listen_check(int fd)
{
	int listens = 0;
	int type = 0;
	socklen_t size = sizeof(int);

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) < 0 ||
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) < 0 ||
	    listens == 0 || type != SOCK_STREAM)
		return -EINVAL;
	if (fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return -EINVAL;
	return 0;
}

void
ts_listen_set_manner(int fd, const struct ts_listen_manner *manner)
{
	const struct linger cut = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &cut, sizeof(cut));
	set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
	set_int(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S);
	set_int(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_COUNT);
	if (manner->user_timeout_ms > 0)
		set_int(fd, IPPROTO_TCP, TCP_USER_TIMEOUT,
		    (int)manner->user_timeout_ms);
	set_int(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_BYTES);
	if (manner->receive_buffer_bytes > 0)
		set_int(fd, SOL_SOCKET, SO_RCVBUF,
		    (int)manner->receive_buffer_bytes);
	if (manner->client_speaks_first)
		set_int(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, DEFER_ACCEPT_S);
}

/* An IPv6 socket on every address that takes IPv4 as well. */
static bool
is_any(int fd, const struct ts_endpoint *endpoint)
{
	int only_ipv6 = 1;
	socklen_t size = sizeof(only_ipv6);

	return endpoint->kind == TS_ENDPOINT_IPV6 &&
	    IN6_IS_ADDR_UNSPECIFIED(&endpoint->address.sin6.sin6_addr) &&
	    getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only_ipv6, &size) == 0 &&
	    only_ipv6 == 0;
}

int
ts_listen_endpoint(int fd, struct ts_endpoint *ret_endpoint)
{
	struct sockaddr_storage sa = { 0 };
	socklen_t size = sizeof(sa);
	int r;

	if (getsockname(fd, (struct sockaddr *)&sa, &size) < 0)
		return -errno;
	r = ts_endpoint_from_sockaddr(ret_endpoint,
	    (const struct sockaddr *)&sa, size);
	if (r < 0)
		return r;
	if (is_any(fd, ret_endpoint))
		ret_endpoint->kind = TS_ENDPOINT_ANY;
	return 0;
}
