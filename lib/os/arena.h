/* SPDX-License-Identifier: MIT */
/*
 * Memory for the parent's tables, taken once at start.
 *
 * Children do not inherit it (MADV_DONTFORK): they cannot read who else is
 * being served, and a fork has fewer pages to copy.
 */
#ifndef TS_OS_ARENA_H
#define TS_OS_ARENA_H

#include <stdbool.h>
#include <stddef.h>

/* A stretch of zeroed memory, handed out from the front. */
struct ts_table {
	char *base;
	size_t size_bytes;
	size_t used_bytes;
};

/*
 * Takes `size_bytes` from the kernel; ts_table_close() gives them back.
 * Fails with what mmap(2) or madvise(2) says.
 */
int ts_table_open(struct ts_table *ret_table, size_t size_bytes);

/* Harmless on a zeroed struct. */
void ts_table_close(struct ts_table *table);

/* What `count` things of `size` bytes take in a table, alignment included. */
size_t ts_table_room(size_t count, size_t size);

/* Hands out that much.  The sum was taken at ts_table_open(): it is there. */
void *ts_table_take(struct ts_table *table, size_t count, size_t size);

/*
 * A page that parent and children share, zeroed: for counts that children
 * add to.  Fails with what mmap(2) says.
 */
int ts_table_open_shared(void **ret_page, size_t size_bytes);

/* Whether processes made from here on have it as well; at first they do. */
void ts_table_share(void *page, size_t size_bytes, bool is_shared);

void ts_table_close_shared(void *page, size_t size_bytes);

#endif
