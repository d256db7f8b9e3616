/* SPDX-License-Identifier: MIT */
/* What a process may reach, by landlock(7). */
#ifndef TS_OS_LANDLOCK_H
#define TS_OS_LANDLOCK_H

#include <stddef.h>
#include <stdint.h>

/* Most folders that one set of rules names. */
#define TS_LANDLOCK_FOLDERS 48

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

/* What is forbidden: struct landlock_ruleset_attr of version 6. */
struct ts_landlock_ruleset {
	uint64_t files;
	uint64_t network;
	uint64_t scoped;
};

/*
 * All that a kernel of this version (1 or above) can forbid.  Returns how many
 * bytes of it such a kernel takes: what it does not know it does not accept.
 */
size_t ts_landlock_everything(struct ts_landlock_ruleset *ret_all, int version);

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
