/* SPDX-License-Identifier: MIT */
/* What a process may reach, by landlock(7). */
#ifndef TS_OS_LANDLOCK_H
#define TS_OS_LANDLOCK_H

/* Most folders that one set of rules names. */
#define TS_LANDLOCK_FOLDERS 32

/* What is allowed beneath a folder. */
enum ts_landlock_use {
	/* Reading files, and the names of files. */
	TS_LANDLOCK_READ,
	/* Removing files, no more. */
	TS_LANDLOCK_REMOVE,
};

/* A folder (O_PATH), and what for. */
struct ts_landlock_folder {
	int fd;
	enum ts_landlock_use use;
};

/*
 * What this kernel's landlock knows (its "ABI"): from 1 files, from 4 TCP,
 * from 6 signals and abstract unix sockets.  Returns that, or -ENOSYS or
 * -EOPNOTSUPP where there is none.
 */
int ts_landlock_version(void);

/*
 * Makes a set of rules: nothing but `count` folders, each for its use; no TCP
 * socket is bound or connected; no process outside the same set, applied at
 * the same time, gets a signal.  Fails with what landlock_create_ruleset(2)
 * or landlock_add_rule(2) says.
 */
int ts_landlock_open(int *ret_fd, const struct ts_landlock_folder *folders,
    unsigned count);

/*
 * From here on, for this process and its children, for ever.  They must not be
 * able to gain privileges (no_new_privs).  Fails with what
 * landlock_restrict_self(2) says.
 */
int ts_landlock_enter(int fd);

#endif
