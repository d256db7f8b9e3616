/* SPDX-License-Identifier: MIT */
/* Lines of /proc/self/mountinfo, see proc(5). */
#include "core/mountinfo.h"

#include <stddef.h>
#include <string.h>

/* Of the fields, counted from 0; the last two follow " - ". */
#define FIELD_MOUNT_POINT 4
#define FIELD_OPTIONS 5
#define FIELD_SUPER_OPTIONS 2

/* The field `index` of `text`, or NULL. */
static const char *
find_field(const char *text, unsigned index)
{
	for (unsigned i = 0; i < index && text != NULL; i++) {
		text = strchr(text, ' ');
		if (text != NULL)
			text++;
	}
	return text;
}

static bool
is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* Reads one byte of a path, in which a space is written as \040. */
static char
take_byte(const char **text)
{
	const char *at = *text;

	if (at[0] == '\\' && is_octal(at[1]) && is_octal(at[2]) &&
	    is_octal(at[3])) {
		*text = at + 4;
		return (char)((at[1] - '0') * 64 + (at[2] - '0') * 8 +
		    (at[3] - '0'));
	}
	*text = at + 1;
	return at[0];
}

static bool
is_beneath(const char *mount_point, const char *directory)
{
	/* Everything is, but for "/" itself. */
	if (strcmp(directory, "/") == 0)
		return mount_point[0] == '/' && mount_point[1] != ' ';
	for (; *directory != '\0'; directory++)
		if (*mount_point == ' ' || *mount_point == '\0' ||
		    take_byte(&mount_point) != *directory)
			return false;
	return *mount_point == '/';
}

/* The kernel writes "ro" or "rw" before all others. */
static bool
are_read_only(const char *options)
{
	return strncmp(options, "ro", 2) == 0 &&
	    (options[2] == ',' || options[2] == ' ' || options[2] == '\n' ||
		options[2] == '\0');
}

bool
ts_mountinfo_is_writable_beneath(const char *line, const char *directory)
{
	const char *mount_point = find_field(line, FIELD_MOUNT_POINT);
	const char *options = find_field(line, FIELD_OPTIONS);
	const char *separator = strstr(line, " - ");
	const char *super_options = NULL;

	if (separator != NULL)
		super_options = find_field(separator + 3, FIELD_SUPER_OPTIONS);
	if (mount_point == NULL || options == NULL || super_options == NULL)
		return true;
	return is_beneath(mount_point, directory) && !are_read_only(options) &&
	    !are_read_only(super_options);
}
