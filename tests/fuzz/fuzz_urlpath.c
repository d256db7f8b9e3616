/* SPDX-License-Identifier: MIT */
/* Fuzzes the paths of URLs: what comes out never leads out of the root. */
#include "http/url_path.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_accepted(const struct urlpath *path)
{
	const char *segment = path->text;

	assert(path->n < sizeof(path->text));
	assert(strlen(path->text) == path->n);
	if (path->n == 0) {
		assert(path->is_folder);
		return;
	}
	for (;;) {
		const char *end = strchrnul(segment, '/');

		assert(end > segment);
		assert(segment[0] != '.' ||
		    (segment == path->text &&
			strncmp(segment, ".well-known",
			    (size_t)(end - segment)) == 0));
		if (*end == '\0')
			break;
		segment = end + 1;
	}
	assert(strchr(path->text, '\\') == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct urlpath path;
	int status = urlpath_parse(&path, (const char *)data, size);

	assert(status == 0 || status == 400 || status == 404 || status == 414);
	if (status == 0)
		check_accepted(&path);
	return 0;
}
