/* SPDX-License-Identifier: MIT */
/* A name in a folder that stays within reach when its path does not. */
#ifndef TS_OS_AT_PATH_H
#define TS_OS_AT_PATH_H

/* The longest name in a folder, with its end (NAME_MAX). */
#define TS_PLACE_NAME_SIZE 256

/* folder_fd is -1: none. */
struct ts_place {
	int folder_fd;
	char name[TS_PLACE_NAME_SIZE];
};

/*
 * Opens the folder of `path`.  Fails with -EINVAL (there is no name in it),
 * or what open(2) says.
 */
int ts_place_open(struct ts_place *ret_place, const char *path);

/* Removes what has that name there, and closes the folder. */
void ts_place_remove(struct ts_place *place);

#endif
