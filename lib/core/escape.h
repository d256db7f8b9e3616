/* SPDX-License-Identifier: MIT */
/*
 * Makes one line of text safe to print: whatever a stranger has put into it,
 * it stays one line and moves no cursor.
 */
#ifndef TS_CORE_ESCAPE_H
#define TS_CORE_ESCAPE_H

#include <stddef.h>

/* How many bytes of room `size` bytes of input need, at the most. */
#define TS_ESCAPE_ROOM(size) (4 * (size))

/*
 * Writes `size` bytes of `in` to `out`, which has TS_ESCAPE_ROOM(size) bytes,
 * each byte that is not printable ASCII as \xHH.  Nothing is added at the end.
 * Returns how many bytes were written.
 */
size_t ts_escape(char *out, const char *in, size_t size);

#endif
