/* SPDX-License-Identifier: MIT */
/* The lines of a configuration file: "name value"; pure. */
#ifndef EZHTTPD_CONFIG_CONFIG_FILE_H
#define EZHTTPD_CONFIG_CONFIG_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/slice.h"

/* The longest line, without its end. */
#define CONFIGLINE_BYTES 4095

/*
 * A text that is read line by line.  Begin with the text and its length, and
 * zeros.  The bytes are not its own.
 */
struct configline {
	struct piece text;
	/* Where the next line begins. */
	size_t at;
	/* The number of the line that was read last; the first one is 1. */
	unsigned number;
};

/* What a line says.  The pieces lie in the text, within one line of it. */
struct configline_pair {
	/* Has a byte at least, and no blank. */
	struct piece name;
	/* Without blanks around it; perhaps empty. */
	struct piece value;
};

/*
 * Reads on to the next line that says something.  Lines that are blank, or
 * whose first byte but blanks is a '#', are passed over.  Blanks are spaces
 * and tabs.
 * Returns 1, or 0 where the text is at its end; fails with -EMSGSIZE (the line
 * is longer than CONFIGLINE_BYTES), -EILSEQ (it ends in CR LF) or -EBADMSG (it
 * has another control byte than a tab), and then no more is to be read.
 */
int configline_next(struct configline *lines, struct configline_pair *ret_pair);

/*
 * Returns why a value cannot be meant as it is written, or NULL: it has an '='
 * in front, or quotes around it, as in the files of other programs.
 */
const char *configline_fault(struct piece value);

/* Whether a line can say this so that it is read again as it is. */
bool configline_may_hold(const struct configline_pair *pair);

#endif
