/* SPDX-License-Identifier: MIT */
/* The files that are served: opened beneath the root, and nowhere else. */
#ifndef EZHTTPD_FILES_DOCROOT_H
#define EZHTTPD_FILES_DOCROOT_H

#include <stdbool.h>
#include <stdint.h>

/* A folder that is served. */
struct site_root {
	int fd;
	/* Links in it are not followed. */
	bool has_no_links;
};

/* A regular file or a folder, open for reading; facts as of its opening. */
struct site_file {
	int fd;
	int64_t size;
	int64_t modified_s;
	int64_t modified_ns;
	/* When it was last changed in any way; nobody can set this back. */
	int64_t changed_s;
	int64_t changed_ns;
	uint64_t inode;
	bool is_folder;
	/* It has no name any more. */
	bool is_removed;
};

/*
 * Opens what `path` names beneath `root`; "" is the root itself.  Relative
 * symbolic links are followed as long as they stay beneath the root; absolute
 * ones never are, wherever they lead (see RESOLVE_BENEATH in openat2(2)).
 * Nothing but regular files and directories is opened, unless somebody puts
 * something else there at that moment.
 * On success to be closed with site_close().
 * Returns 0, or the status to send: 404 (nothing, or nothing to serve, or
 * outside), 403 (may not be read), 503 (no means now), 500.
 */
int site_open(struct site_file *ret_file, struct site_root root,
    const char *path);

void site_close(struct site_file *file);

/*
 * Makes a folder beneath `root` a root of its own: nothing beneath it leads out
 * of it.  To be ended with site_leave().  Returns as site_open().
 */
int site_enter(struct site_root *ret_root, struct site_root root,
    const char *folder);

void site_leave(struct site_root *root);

/* As site_open(), but learns the facts only: the fd is -1. */
int site_look(struct site_file *ret_file, struct site_root root,
    const char *path);

/* True if the open folder has been removed: nothing is found in it any more. */
bool site_is_removed(int fd);

#endif
