/* SPDX-License-Identifier: MIT */
/* The path of a URL: from what a client asks to what may be opened. */
#include "http/url_path.h"

#include <string.h>

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Bytes that no path may hold: they mean different things to different ears. */
static bool
is_ambiguous(unsigned char byte)
{
	return byte < 0x20 || byte == 0x7f || byte == '\\';
}

/*
 * Decodes the byte at the front of `bytes`.  Returns how many of them it
 * takes, or 0 when it is malformed or must not be: an encoded slash would be
 * a separator to some and a part of a name to others.
 */
static size_t
decode(const char *bytes, size_t n, char *ret_byte)
{
	int high;
	int low;

	if (bytes[0] != '%') {
		*ret_byte = bytes[0];
		return is_ambiguous((unsigned char)bytes[0]) ? 0 : 1;
	}
	if (n < 3)
		return 0;
	high = hex_value(bytes[1]);
	low = hex_value(bytes[2]);
	if (high < 0 || low < 0)
		return 0;
	*ret_byte = (char)(high * 16 + low);
	if (*ret_byte == '/' || is_ambiguous((unsigned char)*ret_byte))
		return 0;
	return 3;
}

/*
 * The last segment of `path` begins at `start` and is complete: keeps it with
 * a slash behind it, or resolves it away (RFC 3986, 5.2.4).
 * Returns 0, or 400 when it leads above the root.
 */
static int
end_segment(struct urlpath *path, size_t start)
{
	const char *segment = path->text + start;
	size_t n = path->n - start;

	if (n == 0)
		return 0;
	if (n == 1 && segment[0] == '.') {
		path->n = start;
		return 0;
	}
	if (n != 2 || segment[0] != '.' || segment[1] != '.') {
		path->text[path->n++] = '/';
		return 0;
	}
	if (start == 0)
		return 400;
	/* Behind the slash of the segment before: drop that segment too. */
	path->n = start - 1;
	while (path->n > 0 && path->text[path->n - 1] != '/')
		path->n--;
	return 0;
}

static size_t
last_segment(const struct urlpath *path)
{
	size_t start = path->n;

	while (start > 0 && path->text[start - 1] != '/')
		start--;
	return start;
}

static bool
is_dots(const char *segment, size_t n)
{
	return n > 0 && n <= 2 && segment[0] == '.' && segment[n - 1] == '.';
}

/* Reads segments up to the last one, which is left without a slash. */
static int
read_segments(struct urlpath *path, const char *bytes, size_t n)
{
	size_t start = 0;
	size_t i = 1;
	int status;

	while (i < n) {
		size_t taken = decode(bytes + i, n - i, path->text + path->n);

		if (taken == 0)
			return 400;
		if (path->n + 2 >= sizeof(path->text))
			return 414;
		i += taken;
		if (path->text[path->n] != '/') {
			path->n++;
			continue;
		}
		status = end_segment(path, start);
		if (status != 0)
			return status;
		start = path->n;
	}
	return 0;
}

/* Resolves the last segment, notes whether a folder is meant. */
static int
finish(struct urlpath *path)
{
	size_t start = last_segment(path);

	if (is_dots(path->text + start, path->n - start)) {
		int status = end_segment(path, start);

		if (status != 0)
			return status;
	}
	path->is_folder = path->n == 0 || path->text[path->n - 1] == '/';
	if (path->n > 0 && path->is_folder)
		path->n--;
	path->text[path->n] = '\0';
	return 0;
}

/* True if some segment begins with a dot.  The one exception: RFC 8615. */
static bool
is_hidden(const struct urlpath *path)
{
	static const char known[] = ".well-known";
	const size_t known_bytes = sizeof(known) - 1;
	size_t i = 0;

	if (path->n >= known_bytes &&
	    memcmp(path->text, known, known_bytes) == 0 &&
	    (path->n == known_bytes || path->text[known_bytes] == '/'))
		i = known_bytes;
	for (; i < path->n; i++) {
		if (path->text[i] == '.' &&
		    (i == 0 || path->text[i - 1] == '/'))
			return true;
	}
	return false;
}

int
urlpath_parse(struct urlpath *ret_path, const char *bytes, size_t n)
{
	int status;

	ret_path->n = 0;
	ret_path->text[0] = '\0';
	if (n == 0 || bytes[0] != '/')
		return 400;
	status = read_segments(ret_path, bytes, n);
	if (status != 0)
		return status;
	status = finish(ret_path);
	if (status != 0)
		return status;
	return is_hidden(ret_path) ? 404 : 0;
}

bool
urlpath_may_show(const char *name)
{
	if (name[0] == '.')
		return false;
	for (; *name != '\0'; name++) {
		if (is_ambiguous((unsigned char)*name))
			return false;
	}
	return true;
}

bool
urlpath_may_be(const char *bytes, size_t n)
{
	struct urlpath path;
	size_t i;

	if (n == 0 || n >= sizeof(path.text) || bytes[n - 1] == '/')
		return false;
	for (i = 0; i < n; i++) {
		if (is_ambiguous((unsigned char)bytes[i]))
			return false;
		if (bytes[i] == '/' && (i == 0 || bytes[i - 1] == '/'))
			return false;
	}
	memcpy(path.text, bytes, n);
	path.n = n;
	return !is_hidden(&path);
}
