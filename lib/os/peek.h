/* SPDX-License-Identifier: MIT */
/* Whether a client has said anything; without reading it. */
#ifndef TS_OS_PEEK_H
#define TS_OS_PEEK_H

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

#endif
