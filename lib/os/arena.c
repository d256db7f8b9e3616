/* SPDX-License-Identifier: MIT */
/* Memory for the parent's tables, taken once at start. */
#include "os/arena.h"

#include <assert.h>
#include <errno.h>
#include <sys/mman.h>

#define ALIGNMENT ((size_t)16)

int
ts_table_open(struct ts_table *ret_table, size_t size_bytes)
{
	void *base;
	int r;

	base = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (base == MAP_FAILED)
		return -errno;
	if (madvise(base, size_bytes, MADV_DONTFORK) < 0) {
		r = -errno;
		(void)munmap(base, size_bytes);
		return r;
	}
	*ret_table = (struct ts_table){
		.base = base,
		.size_bytes = size_bytes,
	};
	return 0;
}

void
ts_table_close(struct ts_table *table)
{
	if (table->base != NULL)
		(void)munmap(table->base, table->size_bytes);
	*table = (struct ts_table){ 0 };
}

size_t
ts_table_room(size_t count, size_t size)
{
	return (count * size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

void *
ts_table_take(struct ts_table *table, size_t count, size_t size)
{
	void *memory = table->base + table->used_bytes;

	table->used_bytes += ts_table_room(count, size);
	assert(table->used_bytes <= table->size_bytes);
	return memory;
}

int
ts_table_open_shared(void **ret_page, size_t size_bytes)
{
	void *page;

	page = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (page == MAP_FAILED)
		return -errno;
	*ret_page = page;
	return 0;
}

void
ts_table_share(void *page, size_t size_bytes, bool is_shared)
{
	(void)madvise(page, size_bytes,
	    is_shared ? MADV_DOFORK : MADV_DONTFORK);
}

void
ts_table_close_shared(void *page, size_t size_bytes)
{
	(void)munmap(page, size_bytes);
}
