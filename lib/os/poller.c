/* SPDX-License-Identifier: MIT */
/* Says what is ready, and what time it is (epoll(7), CLOCK_MONOTONIC). */
#include "os/poller.h"

#include <errno.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "os/fd.h"

struct ts_monotime
ts_poller_now(void)
{
	struct timespec ts = { 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (struct ts_monotime){ ts.tv_sec * 1000000000 + ts.tv_nsec };
}

int
ts_poller_open(struct ts_poller *ret_poller)
{
	int fd;

	fd = epoll_create1(EPOLL_CLOEXEC);
	if (fd < 0)
		return -errno;
	return ts_fd_raise(&ret_poller->fd, fd, TS_FD_PARENT);
}

void
ts_poller_close(struct ts_poller *poller)
{
	ts_fd_close(&poller->fd);
}

static int
add(struct ts_poller *poller, int fd, uint32_t events, uint64_t tag)
{
	struct epoll_event event = { .events = events, .data.u64 = tag };

	if (epoll_ctl(poller->fd, EPOLL_CTL_ADD, fd, &event) < 0)
		return -errno;
	return 0;
}

int
ts_poller_add(struct ts_poller *poller, int fd, uint64_t tag)
{
	return add(poller, fd, EPOLLIN, tag);
}

int
ts_poller_add_end(struct ts_poller *poller, int fd, uint64_t tag)
{
	/* EPOLLERR and EPOLLHUP need not be asked for. */
	return add(poller, fd, 0, tag);
}

void
ts_poller_remove(struct ts_poller *poller, int fd)
{
	(void)epoll_ctl(poller->fd, EPOLL_CTL_DEL, fd, NULL);
}

int
ts_poller_wait(struct ts_poller *poller, struct ts_monotime until,
    struct ts_poller_round *ret_round)
{
	struct epoll_event events[TS_POLLER_EVENTS];
	int wait_ms = ts_monotime_wait_ms(until, ts_poller_now());
	int n;

	n = epoll_wait(poller->fd, events, TS_POLLER_EVENTS, wait_ms);
	if (n < 0 && errno != EINTR)
		return -errno;
	ret_round->now = ts_poller_now();
	ret_round->count = n > 0 ? (unsigned)n : 0;
	for (unsigned i = 0; i < ret_round->count; i++)
		ret_round->tags[i] = events[i].data.u64;
	return 0;
}
