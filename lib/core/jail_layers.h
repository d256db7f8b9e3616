/* SPDX-License-Identifier: MIT */
/* The walls of the jail, by name, and which of them stand. */
#ifndef TS_CORE_JAIL_LAYERS_H
#define TS_CORE_JAIL_LAYERS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What a kernel or a container may lack.  (What every kernel has that this
 * library runs on, such as no_new_privs, is no wall that could be missing.)
 */
enum ts_wall {
	/* The process is an ordinary user's, without capabilities. */
	TS_WALL_USER,
	/*
	 * Its root directory is what it may read, or empty (chroot(2)), and
	 * from the folders beside that there is no way up (open_tree(2)).
	 */
	TS_WALL_CHROOT,
	/*
	 * The root and each folder are read-only, nodev, nosuid and noexec,
	 * with all that is mounted beneath (mount_setattr(2), Linux 5.12), or
	 * lie where everything is mounted read-only anyway.
	 */
	TS_WALL_READ_ONLY_MOUNTS,
	/* Its network has nothing in it (network_namespaces(7)). */
	TS_WALL_NETWORK_NAMESPACE,
	/* No memory becomes executable (PR_SET_MDWE, Linux 6.3). */
	TS_WALL_MDWE,
	/* Only the calls of its profile are answered (seccomp(2)). */
	TS_WALL_SECCOMP,
	/*
	 * landlock(7): files (5.13), emptying them (6.2), TCP (6.7), signals
	 * and names (6.12).
	 */
	TS_WALL_LANDLOCK_FILES,
	TS_WALL_LANDLOCK_TRUNCATE,
	TS_WALL_LANDLOCK_NETWORK,
	TS_WALL_LANDLOCK_SCOPES,
	TS_WALLS,
};

/* Longest text of ts_walls_missing(), with its end. */
#define TS_WALLS_TEXT_SIZE 800

/* For each wall 0 when it stands, or why it does not (a positive errno). */
struct ts_walls {
	int missing[TS_WALLS];
};

/* The name of a wall as in the status: "network_namespace". */
const char *ts_wall_name(enum ts_wall wall);

/* Whether all of them stand. */
bool ts_walls_are_whole(const struct ts_walls *walls);

/*
 * Whether no process in the jail can write, empty or make a file, whatever its
 * user may do.  Below its version 3 landlock lets a file be emptied by opening
 * it for reading; and without chroot(2) an absolute path leads past the mounts
 * that are read-only.
 */
bool ts_walls_protect_files(const struct ts_walls *walls);

/*
 * Names those that are missing: "mdwe (Invalid argument), chroot (...)".
 * Nothing where none is.
 */
void ts_walls_missing(const struct ts_walls *walls,
    char out[TS_WALLS_TEXT_SIZE]);

#endif
