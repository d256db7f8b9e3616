/* SPDX-License-Identifier: MIT */
/* Reads a folder into a listing. */
#include "listing/read_dir.h"

#include <sys/syscall.h>

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

/* What the kernel hands out at once. */
#define RECORDS_BYTES 16384

/*
 * Adds one name, if it may be served; false when the listing has seen enough.
 * Each name is looked up as a request for it would be, so that nothing is shown
 * that is not there when it is asked for.
 */
static bool
add_name(struct listing *listing, struct place *place, const char *name)
{
	const size_t folder_bytes = place->n;
	struct site_file file;
	int status;

	if (strlen(name) > LISTING_NAME_MAX || !urlpath_may_show(name))
		return true;
	place_add(place, "/");
	place_add(place, name);
	status = site_look(&file, place->root, place_opened(place));
	place_cut(place, folder_bytes);
	if (status != 0)
		return true;
	return listing_add(listing, name,
	    &(struct listing_entry){
		.size = file.size,
		.modified_s = file.modified_s,
		.is_folder = file.is_folder,
	    });
}

/* Adds the names in `n` bytes of records; false as listing_add(). */
static bool
add_records(struct listing *listing, struct place *place, const char *records,
    size_t n)
{
	size_t at = 0;

	while (at < n) {
		const struct dirent64 *record =
		    (const struct dirent64 *)(const void *)(records + at);

		if (!add_name(listing, place, record->d_name))
			return false;
		at += record->d_reclen;
	}
	return true;
}

/* A folder that was removed while it is open has no records: ENOENT. */
static int
status_of(int error)
{
	switch (error) {
	case EACCES:
		return 403;
	case ENOENT:
		return 404;
	default:
		return 500;
	}
}

int
folder_read(struct listing *listing, const struct site_file *folder,
    struct place *place)
{
	static _Alignas(struct dirent64) char records[RECORDS_BYTES];
	long n;

	do {
		/* Not readdir(), which allocates. */
		n = syscall(SYS_getdents64, folder->fd, records,
		    sizeof(records));
		if (n < 0)
			return status_of(errno);
	} while (n > 0 && add_records(listing, place, records, (size_t)n));
	return 0;
}
