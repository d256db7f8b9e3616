/* SPDX-License-Identifier: MIT */
/* Reads a configuration file into memory. */
#ifndef EZHTTPD_CONFIGFILE_H
#define EZHTTPD_CONFIGFILE_H

#include <stddef.h>

/* A configuration larger than this is none. */
#define CONFIGFILE_BYTES_MAX (1024 * 1024)

/*
 * Reads the whole of `file`, which may be a pipe.
 * On success *ret_bytes is to be freed with free().  Fails with what open(2)
 * or read(2) says, -EFBIG or -ENOMEM.
 */
int configfile_read(const char *file, char **ret_bytes, size_t *ret_n);

#endif
