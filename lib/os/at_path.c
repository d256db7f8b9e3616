/* SPDX-License-Identifier: MIT */
/* A name in a folder that stays within reach when its path does not. */
#include "os/at_path.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "os/fd.h"

int
ts_place_open(struct ts_place *ret_place, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash != NULL ? slash + 1 : path;
	size_t folder_bytes = (size_t)(name - path);
	char folder[PATH_MAX] = ".";

	if (*name == '\0' || strlen(name) >= TS_PLACE_NAME_SIZE ||
	    folder_bytes >= sizeof(folder))
		return -EINVAL;
	if (folder_bytes > 0) {
		memcpy(folder, path, folder_bytes);
		folder[folder_bytes] = '\0';
	}
	memcpy(ret_place->name, name, strlen(name) + 1);
	return ts_fd_open_folder(&ret_place->folder_fd, folder);
}

void
ts_place_remove(struct ts_place *place)
{
	if (place->folder_fd >= 0)
		(void)unlinkat(place->folder_fd, place->name, 0);
	ts_fd_close(&place->folder_fd);
}
