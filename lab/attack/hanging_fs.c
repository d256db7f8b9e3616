/* SPDX-License-Identifier: MIT */
/*
 * A file system that hangs, as a network file system does whose line is dead:
 * its names are there, but open() is never answered.  A process that waits for
 * it cannot be killed before this program ends.
 *
 *	hanging_fs DIRECTORY
 *
 * As root.  Mounts itself at the directory, which then has one file, "file",
 * and prints "mounted".  Ends when its input does, and unmounts.
 */
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_NODE 2
#define FILE_BYTES 1000
#define FOREVER_S 3600
/* The kernel hands over a request only where the largest would fit. */
#define REQUEST_BYTES (128 << 10)
#define WRITE_BYTES 4096
#define OPTIONS_SIZE 128

static _Noreturn void
die(const char *step)
{
	fprintf(stderr, "hanging_fs: %s: %s\n", step, strerror(errno));
	exit(EXIT_FAILURE);
}

/* Answers with a negative error, or with 0 and a body. */
static void
answer(int fd, const struct fuse_in_header *request, int error,
    const void *body, size_t bytes)
{
	struct fuse_out_header head = {
		.len = (uint32_t)(sizeof(head) + bytes),
		.error = error,
		.unique = request->unique,
	};
	struct iovec parts[] = {
		{ .iov_base = &head, .iov_len = sizeof(head) },
		{ .iov_base = (void *)(uintptr_t)body, .iov_len = bytes },
	};

	/* The process that asked may have gone. */
	if (writev(fd, parts, bytes > 0 ? 2 : 1) < 0 && errno != ENOENT)
		die("answer");
}

static struct fuse_attr
attributes(uint64_t node)
{
	bool is_root = node == FUSE_ROOT_ID;

	return (struct fuse_attr){
		.ino = node,
		.size = is_root ? 0 : FILE_BYTES,
		.mode = is_root ? S_IFDIR | 0755 : S_IFREG | 0644,
		.nlink = 1,
		.blksize = WRITE_BYTES,
	};
}

static void
begin(int fd, const struct fuse_in_header *request)
{
	struct fuse_init_out out = {
		.major = FUSE_KERNEL_VERSION,
		.minor = FUSE_KERNEL_MINOR_VERSION,
		.max_write = WRITE_BYTES,
	};

	answer(fd, request, 0, &out, sizeof(out));
}

static void
look_up(int fd, const struct fuse_in_header *request, const char *name)
{
	struct fuse_entry_out out = {
		.nodeid = FILE_NODE,
		.entry_valid = FOREVER_S,
		.attr_valid = FOREVER_S,
		.attr = attributes(FILE_NODE),
	};

	if (strcmp(name, "file") == 0)
		answer(fd, request, 0, &out, sizeof(out));
	else
		answer(fd, request, -ENOENT, NULL, 0);
}

static void
describe(int fd, const struct fuse_in_header *request)
{
	struct fuse_attr_out out = {
		.attr_valid = FOREVER_S,
		.attr = attributes(request->nodeid),
	};

	answer(fd, request, 0, &out, sizeof(out));
}

static void
handle(int fd, const struct fuse_in_header *request)
{
	struct fuse_open_out opened = { .fh = 0 };

	switch (request->opcode) {
	case FUSE_INIT:
		begin(fd, request);
		break;
	case FUSE_LOOKUP:
		look_up(fd, request, (const char *)(request + 1));
		break;
	case FUSE_GETATTR:
		describe(fd, request);
		break;
	case FUSE_OPENDIR:
		answer(fd, request, 0, &opened, sizeof(opened));
		break;
	case FUSE_READDIR:
	case FUSE_RELEASEDIR:
		answer(fd, request, 0, NULL, 0);
		break;
	case FUSE_OPEN:
		/* This is the one that hangs. */
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
	case FUSE_INTERRUPT:
		/* These want no answer. */
		break;
	default:
		answer(fd, request, -ENOSYS, NULL, 0);
	}
}

static int
mount_at(const char *directory)
{
	char options[OPTIONS_SIZE];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		die("/dev/fuse");
	(void)snprintf(options, sizeof(options),
	    "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other", fd);
	if (mount("hanging_fs", directory, "fuse.hanging_fs",
		MS_NOSUID | MS_NODEV, options) < 0)
		die("mount");
	return fd;
}

/* Handles requests until the input ends. */
static void
run(int fd)
{
	static union {
		struct fuse_in_header head;
		char bytes[REQUEST_BYTES];
	} request;
	struct pollfd ready[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = STDIN_FILENO, .events = POLLIN },
	};
	ssize_t n;

	while (poll(ready, 2, -1) > 0 && ready[1].revents == 0) {
		n = read(fd, &request, sizeof(request));
		if (n < 0 && errno == ENODEV)
			return;
		if (n >= (ssize_t)sizeof(request.head))
			handle(fd, &request.head);
	}
}

int
main(int argc, char **argv)
{
	int fd;

	if (argc != 2) {
		fputs("usage: hanging_fs DIRECTORY\n", stderr);
		return 2;
	}
	fd = mount_at(argv[1]);
	puts("mounted");
	(void)fflush(stdout);
	run(fd);
	(void)umount2(argv[1], MNT_DETACH);
	(void)close(fd);
	return EXIT_SUCCESS;
}
