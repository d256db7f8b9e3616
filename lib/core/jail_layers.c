/* SPDX-License-Identifier: MIT */
/* The walls of the jail, by name, and which of them stand. */
#include "core/jail_layers.h"

#include <stdio.h>
#include <string.h>

const char *
ts_wall_name(enum ts_wall wall)
{
	static const char *const names[TS_WALLS] = {
		[TS_WALL_USER] = "user",
		[TS_WALL_CHROOT] = "chroot",
		[TS_WALL_READ_ONLY_MOUNTS] = "read_only_mounts",
		[TS_WALL_NETWORK_NAMESPACE] = "network_namespace",
		[TS_WALL_MDWE] = "mdwe",
		[TS_WALL_SECCOMP] = "seccomp",
		[TS_WALL_LANDLOCK_FILES] = "landlock_files",
		[TS_WALL_LANDLOCK_TRUNCATE] = "landlock_truncate",
		[TS_WALL_LANDLOCK_NETWORK] = "landlock_network",
		[TS_WALL_LANDLOCK_SCOPES] = "landlock_scopes",
	};

	return names[wall];
}

bool
ts_walls_are_whole(const struct ts_walls *walls)
{
	for (unsigned i = 0; i < TS_WALLS; i++)
		if (walls->missing[i] != 0)
			return false;
	return true;
}

bool
ts_walls_protect_files(const struct ts_walls *walls)
{
	if (walls->missing[TS_WALL_LANDLOCK_TRUNCATE] == 0)
		return true;
	return walls->missing[TS_WALL_CHROOT] == 0 &&
	    walls->missing[TS_WALL_READ_ONLY_MOUNTS] == 0;
}

void
ts_walls_missing(const struct ts_walls *walls, char out[TS_WALLS_TEXT_SIZE])
{
	size_t n = 0;

	out[0] = '\0';
	for (unsigned i = 0; i < TS_WALLS && n < TS_WALLS_TEXT_SIZE; i++)
		if (walls->missing[i] != 0)
			n += (size_t)snprintf(out + n, TS_WALLS_TEXT_SIZE - n,
			    "%s%s (%s)", n > 0 ? ", " : "", ts_wall_name(i),
			    strerror(walls->missing[i]));
}
