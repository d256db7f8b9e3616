/* SPDX-License-Identifier: MIT */
/* The two words spoken with a supervisor. */
#include "os/systemd.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "os/fd.h"

/* A whole decimal number up to `most`, or 0. */
static unsigned long
number(const char *text, unsigned long most)
{
	unsigned long value;
	char *end;

	if (text == NULL || *text < '0' || *text > '9')
		return 0;
	errno = 0;
	value = strtoul(text, &end, 10);
	return errno == 0 && *end == '\0' && value <= most ? value : 0;
}

unsigned
ts_supervisor_take_sockets(void)
{
	unsigned long pid = number(getenv("LISTEN_PID"), INT32_MAX);
	unsigned long count = number(getenv("LISTEN_FDS"), INT16_MAX);

	(void)unsetenv("LISTEN_PID");
	(void)unsetenv("LISTEN_FDS");
	(void)unsetenv("LISTEN_FDNAMES");
	return pid == (unsigned long)getpid() ? (unsigned)count : 0;
}

int
ts_supervisor_open(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = path != NULL ? strlen(path) : 0;
	int fd;
	int raised;

	if (length < 2 || length >= sizeof(address.sun_path))
		return -1;
	memcpy(address.sun_path, path, length);
	/* A leading '@' stands for the NUL of an abstract address. */
	if (address.sun_path[0] == '@')
		address.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&address,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) <
	    0) {
		(void)close(fd);
		return -1;
	}
	return ts_fd_raise(&raised, fd, TS_FD_PARENT) < 0 ? -1 : raised;
}

void
ts_supervisor_notify(int fd, const char *state)
{
	if (fd >= 0)
		(void)send(fd, state, strlen(state),
		    MSG_NOSIGNAL | MSG_DONTWAIT);
}
