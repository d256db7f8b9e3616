/* SPDX-License-Identifier: MIT */
/* Header fields that the operator adds to all answers; pure. */
#ifndef EZHTTPD_CONFIG_EXTRA_HEADER_H
#define EZHTTPD_CONFIG_EXTRA_HEADER_H

#include "common/slice.h"

/* A field, in pieces of the word that it was read from. */
struct extrafield {
	struct piece name;
	struct piece value;
};

/*
 * Reads "Name: value".
 * Returns 0; fails with -EBADMSG where that is no field, and with -EPERM where
 * it is one that the server says itself, or that frames a message.
 */
int extrafield_parse(struct extrafield *ret_field, const char *word);

#endif
