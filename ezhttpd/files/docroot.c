/* SPDX-License-Identifier: MIT */
/* The files that are served: opened beneath the root, and nowhere else. */
#include "files/docroot.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <unistd.h>

/* How often a lookup that a rename has disturbed is tried. */
#define TRIES 8

static int
status_of(int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
		return 403;
	case ENOENT:
	case ENOTDIR:
	case ENAMETOOLONG:
	/* A link that runs in a circle, or out of the root. */
	case ELOOP:
	case EXDEV:
	/* A socket, a device without a driver. */
	case ENXIO:
	case ENODEV:
		return 404;
	case EAGAIN:
	case EMFILE:
	case ENFILE:
	case ENOMEM:
		return 503;
	default:
		return 500;
	}
}

/* The descriptor, or a negative errno. */
static int
open_beneath(struct site_root root, const char *path, uint64_t flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS |
		    (root.has_no_links ? RESOLVE_NO_SYMLINKS : 0),
	};
	int tries;

	if (path[0] == '\0')
		path = ".";
	for (tries = 0; tries < TRIES; tries++) {
		long fd =
		    syscall(SYS_openat2, root.fd, path, &how, sizeof(how));

		if (fd >= 0)
			return (int)fd;
		if (errno != EAGAIN && errno != EINTR)
			break;
	}
	return -errno;
}

/*
 * As fstat(), which the C library makes a call that takes a path as well, and
 * which a filter of system calls could then not withhold.
 */
static int
look(int fd, struct stat *ret_facts)
{
	return (int)syscall(SYS_fstat, fd, ret_facts);
}

/* Opens what is a regular file or a directory; anything else is closed. */
static int
open_kept(struct site_file *ret_file, struct site_root root, const char *path,
    uint64_t flags)
{
	struct stat facts;
	int fd = open_beneath(root, path, flags);

	if (fd < 0)
		return status_of(-fd);
	if (look(fd, &facts) < 0) {
		(void)close(fd);
		return 500;
	}
	if (!S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode)) {
		(void)close(fd);
		return 404;
	}
	*ret_file = (struct site_file){
		.fd = fd,
		.size = facts.st_size,
		.modified_s = facts.st_mtim.tv_sec,
		.modified_ns = facts.st_mtim.tv_nsec,
		.changed_s = facts.st_ctim.tv_sec,
		.changed_ns = facts.st_ctim.tv_nsec,
		.inode = facts.st_ino,
		.is_folder = S_ISDIR(facts.st_mode),
		.is_removed = facts.st_nlink == 0,
	};
	return 0;
}

void
site_close(struct site_file *file)
{
	if (file->fd >= 0)
		(void)close(file->fd);
	file->fd = -1;
}

int
site_look(struct site_file *ret_file, struct site_root root, const char *path)
{
	int status = open_kept(ret_file, root, path, O_PATH);

	if (status == 0)
		site_close(ret_file);
	return status;
}

/*
 * Opening a FIFO, a terminal or a device acts on it, even without blocking:
 * the writer that waits for a reader of the FIFO would be let go.  So the type
 * is looked at by O_PATH, which opens nothing, before the file is opened.  A
 * user who may write to the directory can replace the file between the two
 * calls; what was opened is then looked at again, and closed.
 */
int
site_open(struct site_file *ret_file, struct site_root root, const char *path)
{
	int status = site_look(ret_file, root, path);

	if (status != 0)
		return status;
	return open_kept(ret_file, root, path,
	    O_RDONLY | O_NONBLOCK | O_NOCTTY);
}

int
site_enter(struct site_root *ret_root, struct site_root root,
    const char *folder)
{
	int fd = open_beneath(root, folder, O_PATH | O_DIRECTORY);

	if (fd < 0)
		return status_of(-fd);
	*ret_root = root;
	ret_root->fd = fd;
	return 0;
}

void
site_leave(struct site_root *root)
{
	if (root->fd >= 0)
		(void)close(root->fd);
	root->fd = -1;
}

bool
site_is_removed(int fd)
{
	struct stat facts;

	return look(fd, &facts) == 0 && facts.st_nlink == 0;
}
