/* SPDX-License-Identifier: MIT */
/* Whether a client has said anything; without reading it. */
#ifndef TS_OS_PEEK_H
#define TS_OS_PEEK_H

#include <stdbool.h>

enum ts_word {
	/* Nothing yet. */
	TS_WORD_NONE,
	/* There is something to read. */
	TS_WORD_SPOKEN,
	/* It has gone, and left nothing. */
	TS_WORD_GONE,
};

/* Does not wait. */
enum ts_word ts_word_of(int connection);

/*
 * Whether a connection is no more: an error, or both directions are closed.
 * One whose client has closed its side and may wait for an answer still is.
 */
bool ts_peek_is_cut(int connection);

#endif
