/* SPDX-License-Identifier: MIT */
/* The window: numbers by which children get their connections. */
#include "os/fd_window.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <unistd.h>

#include "os/arena.h"

/* A child that has a table of its own writes its lease to its number. */
struct ts_fd_window_marks {
	_Atomic uint64_t leases[TS_FD_WINDOW_COUNT];
};

_Static_assert(TS_FD_WINDOW_COUNT == 64, "one bit of `used` for each number");

static unsigned
index_of(uint64_t lease)
{
	return (unsigned)(lease % TS_FD_WINDOW_COUNT);
}

static uint64_t
bit_of(unsigned index)
{
	return UINT64_C(1) << index;
}

/* The lowest of `bits`, of which there is one. */
static unsigned
lowest(uint64_t bits)
{
	return (unsigned)__builtin_ctzll(bits);
}

static void
give_back(struct ts_fd_window *window, unsigned index)
{
	(void)close(TS_FD_WINDOW + (int)index);
	window->used &= ~bit_of(index);
}

int
ts_fd_window_open(struct ts_fd_window *ret_window)
{
	void *page;
	int r;

	r = ts_table_open_shared(&page, sizeof(struct ts_fd_window_marks));
	if (r < 0)
		return r;
	/* A lease is never 0, which no child has marked. */
	*ret_window = (struct ts_fd_window){ .marks = page, .next_serial = 1 };
	return 0;
}

static void
unmap(struct ts_fd_window *window)
{
	ts_table_close_shared(window->marks, sizeof(*window->marks));
	window->marks = NULL;
}

void
ts_fd_window_close(struct ts_fd_window *window)
{
	if (window->marks == NULL)
		return;
	while (window->used != 0)
		give_back(window, lowest(window->used));
	unmap(window);
}

int
ts_fd_window_take(struct ts_fd_window *window, int fd, uint64_t *ret_lease)
{
	unsigned index;

	ts_fd_window_sweep(window);
	if (~window->used == 0)
		return -EAGAIN;
	index = lowest(~window->used);
	if (dup3(fd, TS_FD_WINDOW + (int)index, O_CLOEXEC) < 0)
		return -errno;
	window->used |= bit_of(index);
	window->leases[index] =
	    window->next_serial++ * TS_FD_WINDOW_COUNT + index;
	*ret_lease = window->leases[index];
	return 0;
}

int
ts_fd_window_own(struct ts_fd_window *window, uint64_t lease)
{
	unsigned index = index_of(lease);

	assert(window->leases[index] == lease);
	atomic_store_explicit(&window->marks->leases[index], lease,
	    memory_order_release);
	unmap(window);
	if (dup3(TS_FD_WINDOW + (int)index, TS_FD_CONNECTION, O_CLOEXEC) < 0 ||
	    close_range(STDERR_FILENO + 1, TS_FD_CHILD_MOST, 0) < 0 ||
	    close_range(TS_FD_FOLDERS_LAST + 1, ~0U, 0) < 0)
		return -errno;
	return 0;
}

void
ts_fd_window_release(struct ts_fd_window *window, uint64_t lease)
{
	unsigned index = index_of(lease);

	if ((window->used & bit_of(index)) != 0 &&
	    window->leases[index] == lease)
		give_back(window, index);
}

void
ts_fd_window_sweep(struct ts_fd_window *window)
{
	uint64_t left = window->used;
	unsigned index;

	while (left != 0) {
		index = lowest(left);
		left &= left - 1;
		if (atomic_load_explicit(&window->marks->leases[index],
			memory_order_acquire) == window->leases[index])
			give_back(window, index);
	}
}
