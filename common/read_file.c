/* SPDX-License-Identifier: MIT */
/* Reads a file of the operator's into memory. */
#include "common/read_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

/* Returns how many bytes there are, `size` at most. */
static ssize_t
read_all(int fd, char *bytes, size_t size)
{
	size_t n = 0;

	while (n < size) {
		ssize_t r = read(fd, bytes + n, size - n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			break;
		n += (size_t)r;
	}
	return (ssize_t)n;
}

int
wholefile_read(const char *file, char **ret_bytes, size_t *ret_n)
{
	/* One more byte shows that there is too much. */
	const size_t size = WHOLEFILE_BYTES_MAX + 1;
	char *bytes;
	ssize_t n;
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	bytes = malloc(size);
	n = bytes != NULL ? read_all(fd, bytes, size) : -ENOMEM;
	(void)close(fd);
	if (n > WHOLEFILE_BYTES_MAX)
		n = -EFBIG;
	if (n < 0) {
		free(bytes);
		return (int)n;
	}
	*ret_bytes = bytes;
	*ret_n = (size_t)n;
	return 0;
}
