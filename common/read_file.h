/* SPDX-License-Identifier: MIT */
/* Reads a file of the operator's into memory. */
#ifndef COMMON_READ_FILE_H
#define COMMON_READ_FILE_H

#include <stddef.h>

/* A larger one is a mistake. */
#define WHOLEFILE_BYTES_MAX (1024 * 1024)

/*
 * Reads the whole of `file`, which may be a pipe; behind its bytes there is
 * room for one more.
 * On success *ret_bytes is to be freed with free().  Fails with what open(2)
 * or read(2) says, -EFBIG or -ENOMEM.
 */
int wholefile_read(const char *file, char **ret_bytes, size_t *ret_n);

#endif
